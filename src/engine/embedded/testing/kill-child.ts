import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#clocks/system.ts';
import { call, machine } from '../../conformance/world.ts';
import { openEmbeddedEngine } from '../engine.ts';
import type { Durability } from '../statements.ts';

/**
 * A process to be killed: `kill-child.ts DIRECTORY LIFE WORKFLOWS DURABILITY` runs so many workflows of ten steps, writes the name of each
 * step to `DIRECTORY/life-LIFE.log` when it begins, and `done` to its output when all have ended.
 */
const [directory, life, workflows, durability] = process.argv.slice(2) as [
  string,
  string,
  string,
  Durability,
];
const STEPS = 10;

const work = async (input: unknown): Promise<{ name: string; step: number }> => {
  const { name, step } = input as { name: string; step: number };
  appendFileSync(join(directory, `life-${life}.log`), `${name}/${step}\n`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { name, step: step + 1 };
};

const states = Array.from({ length: STEPS }, (_, step) => {
  return [`S${step}`, call('work', step + 1 === STEPS ? { End: true } : { Next: `S${step + 1}` })] as const;
});

const engine = await openEmbeddedEngine({
  path: join(directory, 'engine.db'),
  durability,
  clock: systemClock(),
  newId: () => crypto.randomUUID(),
  machines: { main: machine('S0', Object.fromEntries(states)) },
  substitutions: { work: 'work' },
  functions: { work },
});
process.stdout.write('open\n');
const ended = Array.from({ length: Number(workflows) }, async (_, index) => {
  const name = `w${index}`;
  const known = await engine.describe({
    executionId: `arn:aws:states:local:000000000000:execution:main:${name}`,
  });
  const execution = known ?? (await engine.start({ machine: 'main', name, input: { name, step: 0 } }));
  return engine.settled({ executionId: execution.executionId });
});
const outputs = await Promise.all(ended);
if (outputs.every(({ output }) => (output as { step: number } | undefined)?.step === STEPS))
  process.stdout.write('done\n');
await engine.close();
