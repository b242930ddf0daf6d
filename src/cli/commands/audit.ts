import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { AuditVerdict } from '#control/audit.ts';
import type { BrokenLink, ChainedRecord } from '#core/audit-chain.ts';
import { BreakwaterError } from '#core/errors.ts';
import { verifyBundle, type EvidenceBundle } from '#core/evidence-bundle.ts';
import { defineCommand, type Context } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import { plain } from '../format.ts';
import type { Session, SessionEvidence } from '../host.ts';
import { DATA_DIR_OPTION, DataDir, Json, JSON_OPTION, Whole } from '../inputs.ts';
import { renderTable } from '../output.ts';
import type { Theme } from '../theme.ts';
import { withSession } from './with-session.ts';

/** `breakwater audit verify`. */
export const auditVerifyCommand = defineCommand({
  name: 'audit verify',
  summary: 'prove that nothing was changed in the audit trail or in a bundle, or name the first broken link',
  description:
    'A bundle proves itself without any data directory. Keep the last hash that is printed somewhere else: whoever can write to the data directory could make the whole trail anew, and only a kept hash shows that.',
  asksServer: true,
  arguments: [],
  options: [
    { flags: '--bundle <file>', summary: 'an evidence bundle instead of the data directory' },
    DATA_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ['breakwater audit verify', 'breakwater audit verify --bundle evidence.json'],
  exits: ['ok', 'invalid'],
  input: z.object({ bundle: z.string().min(1).optional(), dataDir: DataDir, json: Json }),
  run: async ({ bundle, dataDir }, context) => {
    if (bundle !== undefined) return tell(await verifyFile(bundle), `the evidence in ${bundle}`, context);
    return withSession({ dataDir, purpose: 'look' }, context, async (session) =>
      tell(await verifyParts(evidenceOf(session), context), 'the audit trail', context),
    );
  },
});

/** `breakwater audit list`. */
export const auditListCommand = defineCommand({
  name: 'audit list',
  summary: 'list the audit trail, the oldest first: who did what, every event, every call to AWS',
  asksServer: true,
  arguments: [],
  options: [
    { flags: '--execution <id>', summary: 'only records of this execution' },
    { flags: '--action <action>', summary: 'only these, such as plan.update or aws.call' },
    { flags: '--by <who>', summary: 'only what this principal did' },
    { flags: '--limit <n>', summary: 'at most so many (default: 100)' },
    DATA_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: [
    'breakwater audit list --action aws.call',
    'breakwater audit list --execution exec-1a2b3c --json',
  ],
  exits: ['ok', 'invalid'],
  input: z.object({
    execution: z.string().min(1).optional(),
    action: z.string().min(1).optional(),
    by: z.string().min(1).optional(),
    limit: Whole.default(100),
    dataDir: DataDir,
    json: Json,
  }),
  run: async ({ execution, action, by, limit, dataDir }, context) =>
    withSession({ dataDir, purpose: 'look' }, context, async (session) => {
      const filter = {
        ...(execution === undefined ? {} : { executionId: execution }),
        ...(action === undefined ? {} : { action }),
        ...(by === undefined ? {} : { by }),
      };
      const records = await readRecords(evidenceOf(session), filter, limit);
      if (context.output.json) for (const record of records) context.output.data(record, () => '');
      else context.io.print(renderRecords(records, context.output.theme));
      return 'ok';
    }),
});

/** Throws `UsageInvalid` when the trail is out of reach. */
export function evidenceOf({ evidence }: Session): SessionEvidence {
  if (evidence !== undefined) return evidence;
  throw new BreakwaterError(
    'UsageInvalid',
    'the audit trail is on the server: ask it for /audit, POST /audit/verify or /executions/{executionId}/evidence',
  );
}

/** Of a trail of any length, for a server behind API Gateway has 29 seconds for an answer. */
const RECORDS_A_PART = 200_000;

/** Each part begins behind the link that the one before has ended with, so together they prove the whole. */
async function verifyParts(evidence: SessionEvidence, { io }: Context): Promise<Verdict> {
  let cursor: string | undefined;
  for (;;) {
    const part = { limit: RECORDS_A_PART, ...(cursor === undefined ? {} : { cursor }) };
    const { total, nextCursor, ...verdict } = await evidence.verify(part);
    if (nextCursor === undefined || !verdict.ok) return verdict;
    io.note(`${verdict.records} of ${total} records are whole`);
    cursor = nextCursor;
  }
}

type Verdict = Pick<AuditVerdict, 'ok' | 'records' | 'head' | 'broken'>;

function tell(verdict: Verdict, what: string, { output }: Context): ExitName {
  output.data(verdict, () =>
    verdict.broken === undefined
      ? `${capital(what)} is whole: ${verdict.records} records.\nLast hash: ${verdict.head}`
      : `${capital(what)} is broken at record ${verdict.broken.sequence}: ${verdict.broken.why}.`,
  );
  return verdict.ok ? 'ok' : 'invalid';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

async function verifyFile(path: string): Promise<Verdict> {
  const bundle = await readBundle(path);
  const broken: BrokenLink | null = verifyBundle(bundle, (text) =>
    createHash('sha256').update(text).digest('hex'),
  );
  const { links, last } = bundle as EvidenceBundle;
  return {
    ok: broken === null,
    records: links.length,
    head: last.hash,
    ...(broken === null ? {} : { broken }),
  };
}

async function readBundle(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new BreakwaterError('UsageInvalid', `${path} cannot be read as JSON`, { cause });
  }
}

async function readRecords(
  evidence: SessionEvidence,
  filter: object,
  limit: number,
): Promise<readonly ChainedRecord[]> {
  const records: ChainedRecord[] = [];
  let cursor: string | undefined;
  do {
    const next = cursor === undefined ? {} : { cursor };
    const page = await evidence.list({ ...filter, ...next, limit: Math.min(1_000, Math.max(limit, 1)) });
    records.push(...page.records);
    cursor = page.nextCursor;
  } while (cursor !== undefined && records.length < limit);
  return records.slice(0, limit);
}

function renderRecords(records: readonly ChainedRecord[], theme: Theme): string {
  if (records.length === 0) return 'There are no such records.';
  return renderTable({
    head: ['No.', 'At', 'Who', 'Action', 'On', 'Details'],
    right: [0],
    rows: records.map(({ record }) => [
      String(record.sequence),
      record.at.slice(0, 19).replace('T', ' '),
      plain(record.by),
      record.action,
      plain(record.target),
      plain(detailsOf(record.data)),
    ]),
    theme,
  });
}

function detailsOf({ code, outcome }: ChainedRecord['record']['data']): string {
  return [code, outcome].filter((detail) => typeof detail === 'string').join(' ');
}
