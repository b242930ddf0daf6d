import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chain, genesisHash } from '#core/audit-chain.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditPage, AuditVerdict } from '#control/audit.ts';
import type { EvidenceBundle } from '#core/evidence-bundle.ts';
import type { SessionEvidence } from '../host.ts';
import { runCommandLine } from '../program.ts';
import { fakeCommandLine } from '../testing.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const plan = { name: 'Core banking' };
const exported = { execution: { planHash: hash(canonicalJson(plan)) } };
const started = { sequence: 1, at: '2026-01-07T10:00:00Z', code: 'ExecutionStarted', data: {} };
const record = {
  at: '2026-01-07T10:00:00.000Z',
  by: 'ada',
  target: 'execution/exec-12345',
  executionId: 'exec-12345',
};
const genesis = genesisHash('s', hash);
const event = chain({ ...record, sequence: 1, action: 'execution.event', data: started }, genesis, hash);
const taken = chain(
  { ...record, sequence: 2, action: 'evidence.export', data: { exportHash: hash(canonicalJson(exported)) } },
  event.hash,
  hash,
);
const bundle = {
  executionId: 'exec-12345',
  serverId: 's',
  plan,
  export: exported,
  timeline: [started],
  previous: genesis,
  links: [event, taken],
  last: { sequence: 2, recordHash: taken.recordHash, hash: taken.hash },
} as unknown as EvidenceBundle;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'audit-'));
});
afterEach(() => rm(folder, { recursive: true }));

function commandLine(part: Partial<SessionEvidence> | null = {}) {
  const fake = fakeCommandLine();
  const asked: unknown[] = [];
  const evidence: SessionEvidence = {
    list: async (query): Promise<AuditPage> => {
      asked.push(query);
      return query.cursor === undefined ? { records: [event], nextCursor: '1' } : { records: [taken] };
    },
    verify: async () => ({ ok: true, records: 2, total: 2, head: 'abc' }),
    bundle: async (executionId, actor) => {
      asked.push([executionId, actor]);
      return bundle;
    },
    ...part,
  };
  const local = {
    ...fake.local,
    connect: async (params: Parameters<typeof fake.local.connect>[0]) => ({
      ...(await fake.local.connect(params)),
      ...(part === null ? {} : { evidence }),
    }),
  };
  const run = (...argv: string[]): Promise<number> => runCommandLine(argv, { io: fake.io, local });
  return { ...fake, asked, run };
}

test('verify says that the trail is whole and its last hash, and ends with 0', async () => {
  const { run, io, log } = commandLine();
  expect(await run('audit', 'verify')).toBe(0);
  expect(io.out).toEqual(['The audit trail is whole: 2 records.\nLast hash: abc']);
  expect(log).toEqual(['connect to look', 'close']);
});

test('verify names the first broken link and ends with 1, also as JSON', async () => {
  const verdict: Omit<AuditVerdict, 'total'> = {
    ok: false,
    records: 6,
    head: 'abc',
    broken: { sequence: 7, why: 'record changed' },
  };
  const words = commandLine({ verify: async () => ({ ...verdict, total: 9 }) });
  expect(await words.run('audit', 'verify')).toBe(1);
  expect(words.io.out).toEqual(['The audit trail is broken at record 7: record changed.']);
  const json = commandLine({ verify: async () => ({ ...verdict, total: 9 }) });
  expect(await json.run('audit', 'verify', '--json')).toBe(1);
  expect(JSON.parse(json.io.out[0]!)).toEqual(verdict);
});

test('verify asks for part after part, says how far it has come, and goes on where each has ended', async () => {
  const asked: unknown[] = [];
  const parts = [
    { ok: true, records: 200_000, total: 500_000, head: 'abc', nextCursor: '200000-aa' },
    { ok: true, records: 260_000, total: 500_001, head: 'abd', nextCursor: '260000-bb' },
    { ok: true, records: 500_001, total: 500_001, head: 'abd' },
  ];
  const { run, io } = commandLine({ verify: async (part) => (asked.push(part), parts[asked.length - 1]!) });
  expect(await run('audit', 'verify', '--json')).toBe(0);
  expect(asked).toEqual([
    { limit: 200_000 },
    { limit: 200_000, cursor: '200000-aa' },
    { limit: 200_000, cursor: '260000-bb' },
  ]);
  expect(io.err).toEqual(['200000 of 500000 records are whole', '260000 of 500001 records are whole']);
  expect(JSON.parse(io.out[0]!)).toEqual({ ok: true, records: 500_001, head: 'abd' });
});

test('a bundle is verified without any data directory, and a changed one is refused', async () => {
  const file = path.join(folder, 'evidence.json');
  await writeFile(file, JSON.stringify(bundle));
  const { run, io, log } = commandLine();
  expect(await run('audit', 'verify', '--bundle', file)).toBe(0);
  await writeFile(
    file,
    JSON.stringify({ ...bundle, timeline: [{ ...started, at: '2026-01-07T10:00:01Z' }] }),
  );
  expect(await run('audit', 'verify', '--bundle', file)).toBe(1);
  expect(io.out).toEqual([
    `The evidence in ${file} is whole: 2 records.\nLast hash: ${taken.hash}`,
    `The evidence in ${file} is broken at record 1: record changed.`,
  ]);
  expect(log).toEqual([]);
  await writeFile(file, '{');
  expect(await run('audit', 'verify', '--bundle', file)).toBe(1);
});

test('list reads page after page up to the limit, and shows who did what', async () => {
  const { run, io, asked } = commandLine();
  expect(await run('audit', 'list', '--execution', 'exec-12345', '--by', 'ada')).toBe(0);
  expect(asked).toEqual([
    { executionId: 'exec-12345', by: 'ada', limit: 100 },
    { executionId: 'exec-12345', by: 'ada', limit: 100, cursor: '1' },
  ]);
  expect(io.out[0]!.split('\n').slice(1)).toEqual([
    '  1  2026-01-07 10:00:00  ada  execution.event  execution/exec-12345  ExecutionStarted',
    '  2  2026-01-07 10:00:00  ada  evidence.export  execution/exec-12345',
  ]);
});

test('a server elsewhere has the trail: the command says how to ask it', async () => {
  const { run, io } = commandLine(null);
  expect(await run('audit', 'verify')).toBe(1);
  expect(io.err.join('\n')).toContain('POST /audit/verify');
});

test('an export is JUnit XML or the evidence when asked for', async () => {
  const { run, io, asked } = commandLine();
  expect(await run('executions', 'export', 'latest', '--format', 'junit')).toBe(0);
  expect(io.out[0]).toContain('<testsuites name="drill of Core banking"');
  const file = path.join(folder, 'evidence.json');
  expect(await run('executions', 'export', 'latest', '--format', 'evidence', '--out', file)).toBe(0);
  expect(asked).toEqual([['exec-12345', { by: 'ada' }]]);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(bundle);
  expect(await run('executions', 'export', 'latest', '--format', 'pdf')).toBe(1);
});
