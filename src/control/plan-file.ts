import { open } from 'node:fs/promises';
import { LineCounter, parseDocument, type Document, type YAMLError } from 'yaml';
import { BreakwaterError, messageOf } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import type { Finding } from '#core/outcome.ts';
import type { Plan } from '#core/plan.ts';
import { checkPlanData } from './plan-findings.ts';
import { soundPartOf, type SoundPart } from './sound-part.ts';
import { placeInYaml, type Place } from './yaml-places.ts';

/** A plan that was read from a file and is sound in itself. */
export interface PlanFile {
  readonly path: string;
  readonly plan: Plan;
  /** Where a path of the plan stands in the file; a path to something missing gives its nearest parent. */
  readonly locate: (path: string) => Place | null;
}

/** A plan that was read from a file, with all that is wrong with it in itself. */
export interface PlanDraft {
  readonly path: string;
  /** `null` while there are findings. */
  readonly plan: Plan | null;
  /** Of schema and graph, in the order of the file. */
  readonly findings: readonly PlacedFinding[];
  /** What can be checked against the estate all the same. */
  readonly soundPart: SoundPart | null;
  readonly locate: PlanFile['locate'];
}

/** A finding with its place in the file, when it has one. */
export type PlacedFinding = Finding & Partial<Place>;

const LIMIT_BYTES = 4 * 1024 * 1024;

/**
 * Reads and checks a plan file. Throws `PlanUnreadable`, or `PlanInvalid` with every finding of schema and graph in
 * `details.findings` (`PlacedFinding[]`).
 */
export async function readPlanFile(path: string): Promise<PlanFile> {
  return soundFile(await readPlanDraft(path));
}

/** Reads a plan file that may have findings. Throws `PlanUnreadable`. */
export async function readPlanDraft(path: string): Promise<PlanDraft> {
  return draftOf(decode(await readLimited(path), path), path);
}

/** As `readPlanFile`, for text (YAML or JSON) that is there already; `name` stands for the path. */
export function parsePlanText(text: string, name: string): PlanFile {
  return soundFile(draftOf(text, name));
}

function draftOf(text: string, name: string): PlanDraft {
  const lines = new LineCounter();
  const document = parseYaml(text, name, lines);
  const locate = (path: string): Place | null => placeInYaml(document, lines, path);
  const data = dataOf(document, name);
  const { plan, findings } = checkPlanData(data);
  const all = [...duplicateKeys(document, text, lines), ...placeFindings(findings, locate)].sort(byPlace);
  const sound = plan !== null && all.length === 0;
  return { path: name, plan: sound ? plan : null, findings: all, soundPart: soundPartOf(data), locate };
}

function soundFile(draft: PlanDraft): PlanFile {
  const { path, plan, locate } = draft;
  if (plan !== null) return { path, plan, locate };
  throw invalidPlan(draft, []);
}

/** `PlanInvalid` for a draft, with its findings and those of the estate in the order of the file. */
export function invalidPlan(
  { path, findings, locate }: PlanDraft,
  inEstate: readonly Finding[],
): BreakwaterError {
  const all = [...findings, ...placeFindings(inEstate, locate)].sort(byPlace);
  return new BreakwaterError(
    'PlanInvalid',
    `${path} has ${all.length} finding${all.length === 1 ? '' : 's'}`,
    {
      details: { file: path, findings: all as unknown as Json },
    },
  );
}

/** Adds to each finding its place in the file. */
export function placeFindings(findings: readonly Finding[], locate: PlanFile['locate']): PlacedFinding[] {
  return findings.map((finding) => ({ ...finding, ...locate(finding.path) }));
}

function byPlace(a: PlacedFinding, b: PlacedFinding): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a directory',
  EACCES: 'may not be read: permission denied',
  ENOTDIR: 'does not exist',
};

/** Reads one byte more than allowed, and no further: a device or a pipe may have no end. */
async function readLimited(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, 'r');
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of file.createReadStream({ end: LIMIT_BYTES, autoClose: false })) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > LIMIT_BYTES) throw unreadable(path, 'is larger than 4 MiB');
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof BreakwaterError) throw error;
    throw unreadable(path, CAUSES[(error as NodeJS.ErrnoException).code ?? ''] ?? 'could not be read', error);
  }
}

function decode(bytes: Buffer, path: string): string {
  if (bytes.includes(0)) throw unreadable(path, 'is a binary file');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(path, 'is not UTF-8 text');
  }
}

function parseYaml(text: string, name: string, lines: LineCounter): Document {
  if (Buffer.byteLength(text) > LIMIT_BYTES) throw unreadable(name, 'is larger than 4 MiB');
  const document = attempt(name, () =>
    parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true }),
  );
  const errors = document.errors.filter((error) => error.code !== 'DUPLICATE_KEY');
  if (errors.length > 0) throw notYaml(name, errors, lines);
  return document;
}

/** Refuses what is no mapping, and aliases that multiply beyond measure. */
function dataOf(document: Document, name: string): unknown {
  const data: unknown = attempt(name, () => document.toJS({ maxAliasCount: 100 }));
  if (data === null || data === undefined) throw unreadable(name, 'is empty');
  if (Array.isArray(data)) throw unreadable(name, 'is a list; a plan is a mapping with the field "waves"');
  if (typeof data !== 'object')
    throw unreadable(name, 'is plain text; a plan is a mapping with the field "waves"');
  return data;
}

function attempt<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const cause = error instanceof RangeError ? 'is nested too deeply' : `is not YAML: ${messageOf(error)}`;
    throw unreadable(name, cause);
  }
}

function notYaml(name: string, errors: readonly YAMLError[], lines: LineCounter): BreakwaterError {
  const findings = errors.slice(0, 20).map((error) => ({
    level: 'error',
    rule: 'YamlInvalid',
    path: '',
    message: error.message,
    remedy: 'Mend the YAML.',
    ...placeOf(error, lines),
  }));
  const { line, column, message } = findings[0]!;
  return unreadable(name, `is not YAML: line ${line}, column ${column}: ${message}`, undefined, { findings });
}

function duplicateKeys(document: Document, text: string, lines: LineCounter): PlacedFinding[] {
  return document.errors.map((error) => {
    const key = /^["']?([^"':\s]*)/.exec(text.slice(error.pos[0]))?.[1] ?? '';
    return {
      level: 'error',
      rule: 'FieldDuplicate',
      path: key,
      message: `the field ${JSON.stringify(key)} stands twice in the same mapping`,
      remedy: 'Remove one of the two.',
      ...placeOf(error, lines),
    };
  });
}

function placeOf(error: YAMLError, lines: LineCounter): Place {
  const { line, col } = lines.linePos(error.pos[0]);
  return { line, column: col };
}

function unreadable(path: string, why: string, cause?: unknown, details: JsonObject = {}): BreakwaterError {
  return new BreakwaterError('PlanUnreadable', `${path} ${why}`, {
    cause,
    details: { file: path, ...details },
  });
}
