import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { Json, JSON_OPTION, Positive, Whole } from '../inputs.ts';

/** `breakwater simulate`. */
export const simulateCommand = defineCommand({
  name: 'simulate',
  summary: 'run the simulated AWS as an HTTP server, until stopped',
  description: 'Prints, as export lines, how to point the AWS CLI and the SDKs at it.',
  arguments: [],
  options: [
    { flags: '--scenario <file>', summary: 'the estate and its faults' },
    { flags: '--port <n>', summary: 'the port on 127.0.0.1 (default: any free one)' },
    { flags: '--speed <n>', summary: 'n times as fast as real time (default: 1)' },
    JSON_OPTION,
  ],
  examples: [
    'breakwater simulate --scenario examples/core-banking/estate.yaml --port 4599 --speed 60',
    'aws drs describe-source-servers   # in a shell with the printed lines',
  ],
  exits: ['ok', 'invalid'],
  input: z.object({
    scenario: z.string().min(1),
    port: Whole.default(0).refine((port) => port < 65_536, 'expected a port below 65536'),
    speed: Positive.default(1),
    json: Json,
  }),
  run: async ({ scenario, port, speed }, { local, io, output }) => {
    const stopped = new AbortController();
    const stopListening = io.onInterrupt(() => stopped.abort());
    const simulation = await local.simulate({ scenario, port, speed });
    const { url, environment } = simulation;
    output.data({ url, environment: Object.fromEntries(environment) }, () =>
      environment.map(([name, value]) => `export ${name}=${shellQuote(value)}`).join('\n'),
    );
    io.note(
      `Simulated AWS listens on ${url}, ${speed === 1 ? 'in real time' : `${speed}× real time`}. Ctrl-C stops it.`,
    );
    while (!stopped.signal.aborted) await io.sleep(3_600_000, stopped.signal);
    stopListening();
    await simulation.close();
    return 'ok';
  },
});

function shellQuote(value: string): string {
  return /^[\w.:/@-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
