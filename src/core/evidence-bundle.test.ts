import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { chain, genesisHash, type AuditRecord, type ChainedRecord } from './audit-chain.ts';
import { canonicalJson } from './canonical-json.ts';
import { hasCode } from './errors.ts';
import { verifyBundle } from './evidence-bundle.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const plan = { name: 'Core banking', waves: [] };
const exported = {
  execution: { executionId: 'exec-1', planHash: hash(canonicalJson(plan)), status: 'completed' },
};
const started = {
  sequence: 1,
  at: '2026-01-07T10:00:00Z',
  code: 'ExecutionStarted',
  data: { planHash: hash(canonicalJson(plan)) },
};
const ended = {
  sequence: 2,
  at: '2026-01-07T11:00:00Z',
  code: 'ExecutionCompleted',
  data: { outcome: 'clean' },
};
type Data = AuditRecord['data'];

/** A bundle of records with these actions and data, behind one of somebody else. */
function bundleOf(
  records: readonly [action: string, data: Data][],
  timeline: readonly object[] = [started, ended],
) {
  const links: ChainedRecord[] = [];
  const previous = genesisHash('s', hash);
  for (const [action, data] of records) {
    const sequence = links.length + 1;
    const record = { sequence, at: 'x', action, by: 'b', target: 't', executionId: ownerOf(action), data };
    links.push(chain(record, links.at(-1)?.hash ?? previous, hash));
  }
  const { record: _, ...last } = links.at(-1)!;
  return { executionId: 'exec-1', serverId: 's', plan, export: exported, timeline, previous, links, last };
}

/** Only an act named `other` is of another execution. */
function ownerOf(action: string): string {
  return action === 'other' ? 'exec-2' : 'exec-1';
}

const EVENTS: [string, Data][] = [
  ['execution.event', started],
  ['execution.event', ended],
];
const EXPORT: [string, Data] = ['evidence.export', { exportHash: hash(canonicalJson(exported)) }];

test('a bundle whose links, timeline, plan and export agree is sound', () => {
  expect(verifyBundle(bundleOf([...EVENTS, EXPORT]), hash)).toBeNull();
});

test('what is of another execution does not count, whole or by its hash alone', () => {
  const whole = bundleOf([['other', started], ...EVENTS, ['other', ended], EXPORT]);
  expect(verifyBundle(whole, hash)).toBeNull();
  const links = whole.links.map(({ record, ...link }) =>
    record.executionId === 'exec-1' ? { ...link, record } : link,
  );
  expect(verifyBundle({ ...whole, links }, hash)).toBeNull();
});

test('an execution from before plans were vouched for has no hash of its plan, and is sound', () => {
  const early = { ...started, data: { mode: 'drill' } };
  const bundle = bundleOf([['execution.event', early], EXPORT], [early]);
  expect(verifyBundle(bundle, hash)).toBeNull();
});

test('a bundle without an event, or without the record that ends it, is not whole', () => {
  expect(verifyBundle(bundleOf([EXPORT], []), hash)).toEqual({ sequence: 1, why: 'record missing' });
  expect(verifyBundle(bundleOf(EVENTS), hash)).toEqual({ sequence: 2, why: 'record missing' });
});

test('an event that the timeline tells otherwise, leaves out or adds is named', () => {
  const check = (timeline: readonly object[]) => verifyBundle(bundleOf([...EVENTS, EXPORT], timeline), hash);
  expect(check([started, { ...ended, at: 'y' }])).toEqual({ sequence: 2, why: 'record changed' });
  expect(check([{ ...started, message: 'in words of one’s own' }, ended])).toEqual({
    sequence: 1,
    why: 'record changed',
  });
  expect(check([started])).toEqual({ sequence: 2, why: 'record changed' });
  expect(check([started, ended, ended])).toEqual({ sequence: 3, why: 'record missing' });
});

test('events that do not count from 1 without a gap are named', () => {
  expect(verifyBundle(bundleOf([EVENTS[1]!, EXPORT], [ended]), hash)).toEqual({
    sequence: 1,
    why: 'record missing',
  });
});

test('another plan and another export are named at the records that vouch for them', () => {
  const bundle = bundleOf([...EVENTS, EXPORT]);
  expect(verifyBundle({ ...bundle, plan: { name: 'x' } }, hash)).toEqual({
    sequence: 1,
    why: 'record changed',
  });
  const other = { execution: { ...exported.execution, status: 'failed' } };
  expect(verifyBundle({ ...bundle, export: other }, hash)).toEqual({ sequence: 3, why: 'record changed' });
});

test('a changed link is named before anything else, and what is no bundle is refused', () => {
  const bundle = bundleOf([...EVENTS, EXPORT]);
  const changed = { ...bundle, links: bundle.links.with(0, { ...bundle.links[0]!, hash: 'x' }) };
  expect(verifyBundle(changed, hash)).toEqual({ sequence: 1, why: 'link changed' });
  const refused = (value: unknown) => {
    try {
      return verifyBundle(value, hash);
    } catch (error) {
      return hasCode(error, 'RequestInvalid');
    }
  };
  expect([null, [], { links: [] }, { ...bundle, links: [] }].map(refused)).toEqual([true, true, true, true]);
});
