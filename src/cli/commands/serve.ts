import { isLoopback } from '#control/outgoing-address.ts';
import { BreakwaterError } from '#core/errors.ts';
import { isIP } from 'node:net';
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import type { Time } from '../host.ts';
import { DataDir, DATA_DIR_OPTION, Json, JSON_OPTION, Positive, Whole } from '../inputs.ts';

/** No host names, and no number of hops: then whoever reaches the server directly could pass for any address. */
const ProxyList = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine((list) => list.every(isAddressRange), 'expected addresses or CIDR ranges such as 10.0.0.0/16,::1');

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** `breakwater serve`. */
export const serveCommand = defineCommand({
  name: 'serve',
  summary: 'serve the REST API, until stopped',
  description:
    'Executions run in this process and go on after a restart. The first start prints an Admin token, once. Other ' +
    'addresses than 127.0.0.1 need --tls-cert and --tls-key, or --insecure behind a proxy that ends TLS.',
  arguments: [],
  options: [
    {
      flags: '--scenario <file>',
      summary: 'work in this simulated AWS (default: as before, else the real AWS)',
    },
    { flags: '--speed <n>', summary: 'with --scenario: n times as fast as real time (default: 1)' },
    { flags: '--host <address>', summary: 'the address to listen on (default: 127.0.0.1)' },
    { flags: '--port <n>', summary: 'the port; 0 for any free one (default: 8080)' },
    { flags: '--tls-cert <file>', summary: 'certificate chain, PEM' },
    { flags: '--tls-key <file>', summary: 'its private key, PEM' },
    { flags: '--insecure', summary: 'listen beyond this machine without TLS' },
    {
      flags: '--trust-proxy <addresses>',
      summary: 'believe X-Forwarded-For of these proxies (addresses, CIDR ranges, separated by commas)',
    },
    {
      flags: '--config <file>',
      summary: 'settings (identity, solutions) to put in place at start, YAML or JSON',
    },
    { flags: '--new-admin-token', summary: 'make and print another Admin token, for when the first is lost' },
    DATA_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: [
    'breakwater serve --scenario examples/core-banking/estate.yaml --speed 60',
    'breakwater serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem',
  ],
  exits: ['ok', 'invalid'],
  input: z.object({
    scenario: z.string().min(1).optional(),
    speed: Positive.optional(),
    host: z.string().min(1).default('127.0.0.1'),
    port: Whole.default(8080).refine((port) => port < 65_536, 'expected a port below 65536'),
    tlsCert: z.string().min(1).optional(),
    tlsKey: z.string().min(1).optional(),
    insecure: z.literal(true).optional(),
    trustProxy: ProxyList.optional(),
    config: z.string().min(1).optional(),
    newAdminToken: z.literal(true).optional(),
    dataDir: DataDir,
    json: Json,
  }),
  run: async (input, { local, io, output }) => {
    const { scenario, speed, host, port, tlsCert, tlsKey, insecure, config, newAdminToken, dataDir } = input;
    const { trustProxy } = input;
    if ((tlsCert === undefined) !== (tlsKey === undefined))
      throw new BreakwaterError('UsageInvalid', '--tls-cert and --tls-key go together');
    if (speed !== undefined && scenario === undefined)
      throw new BreakwaterError('UsageInvalid', '--speed needs --scenario: the real AWS has real time');
    if (!isLoopback(host) && tlsCert === undefined && insecure === undefined)
      throw new BreakwaterError(
        'UsageInvalid',
        `--host ${host} is reached from other machines, and tokens would travel in the clear: pass --tls-cert and --tls-key, or --insecure`,
      );
    const stopped = new AbortController();
    const stopListening = io.onInterrupt(() => stopped.abort());
    const time: Time = speed === undefined ? { kind: 'system' } : { kind: 'scaled', speed };
    const serving = await local.serve({
      dataDir,
      ...(scenario === undefined ? {} : { scenario }),
      time,
      host,
      port,
      ...(tlsCert === undefined || tlsKey === undefined ? {} : { tls: { cert: tlsCert, key: tlsKey } }),
      ...(trustProxy === undefined ? {} : { trustProxy }),
      ...(config === undefined ? {} : { config }),
      ...(newAdminToken === undefined ? {} : { newAdminToken }),
      onError: (line) => io.note(line),
    });
    const { url, serverId, adminToken, recovered, simulated, clock } = serving;
    output.data({ url, serverId, ...(adminToken === null ? {} : { adminToken }), recovered, simulated }, () =>
      [
        `Breakwater serves ${url} on ${simulated ? 'a simulated AWS' : 'AWS'}, ${clock.describe()}.`,
        ...(simulated ? [] : [`Its id, which IAM proofs name: ${serverId}`]),
        ...(adminToken === null
          ? []
          : [
              `Admin token, shown this once: ${adminToken}`,
              'Keep it, or use it now to make others: see docs/api.md.',
            ]),
        ...(recovered.length === 0 ? [] : [`Goes on with ${recovered.join(', ')}.`]),
      ].join('\n'),
    );
    io.note(`Reference: ${url}/docs. Ctrl-C stops it; a restart goes on.`);
    while (!stopped.signal.aborted && serving.failure() === null) await io.sleep(1_000, stopped.signal);
    stopListening();
    const failure = serving.failure();
    await serving.close();
    if (failure !== null) throw failure;
    return 'ok';
  },
});
