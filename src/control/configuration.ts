import { canonicalJson } from '#core/canonical-json.ts';
import { BreakwaterError, isBreakwaterError } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import type { Finding } from '#core/outcome.ts';
import { schemaFindings } from '#core/schema-findings.ts';
import type { Write } from '#store/port.ts';
import { stringify } from 'yaml';
import { z } from 'zod';
import { requestOf, type Actor } from './audit-log.ts';
import { ownCollections, settingsCollection, type Collection, type Kept } from './collections.ts';
import { differences, type Difference } from './differences.ts';
import type { PlaneDeps } from './plane-deps.ts';

/** What an export is and an import takes: one list for each kind of document, and the settings. No secrets. */
export type ConfigurationDocument = JsonObject;

/** A document that an import is about: `kind` is the member of the export, `recoveryPlans`. */
export interface ImportedId {
  readonly kind: string;
  readonly id: string;
}

/** What an import does, or would do. What it does not name stays as it is: nothing is deleted. */
export interface ImportResult {
  /** False for a preview. */
  readonly applied: boolean;
  readonly created: readonly ImportedId[];
  readonly updated: readonly (ImportedId & { readonly differences: readonly Difference[] })[];
  readonly unchanged: readonly ImportedId[];
  /** Rows that it writes, of the 99 that are possible at once. */
  readonly writes: number;
}

export interface Configuration {
  /** Parses what an import takes; also its description for others. */
  readonly schema: z.ZodType;
  export(): Promise<ConfigurationDocument>;
  exportYaml(): Promise<string>;
  /**
   * All or nothing. Throws `RequestInvalid` with `details.findings` for what is not sound, `RequestTooLarge` for more than 99
   * writes, `RevisionConflict` when someone else changed something meanwhile: then nothing was written.
   */
  import(document: unknown, how: { readonly preview: boolean }, actor: Actor): Promise<ImportResult>;
}

/** The store writes 100 at once; one is for the evidence. */
const MOST_WRITES = 99;
const FORMAT = 1;

/** `more`: the collections of other parts, such as schedules and triggers, see `documentCollection`. */
export function createConfiguration(deps: PlaneDeps, more: readonly Collection[] = []): Configuration {
  const lists = [...ownCollections(deps), ...more];
  const settings = settingsCollection(deps.store);
  const schema = schemaOf(lists, settings);

  const read = async (): Promise<ConfigurationDocument> => {
    const members = await Promise.all(
      lists.map(async (list): Promise<[string, Json]> => {
        const kept = [...(await list.all())].sort((a, b) => (a.id < b.id ? -1 : 1));
        return [list.name, kept.map(({ value }) => value)];
      }),
    );
    const [kept] = await settings.all();
    const own: JsonObject = kept === undefined ? {} : { settings: kept.value };
    return { formatVersion: FORMAT, ...Object.fromEntries(members), ...own };
  };

  return {
    schema,
    export: read,
    exportYaml: async () => stringify(await read()),
    async import(document, { preview }, actor) {
      const parsed = parse(schema, document);
      const steps = await stepsOf(lists, settings, parsed);
      const changes = steps.filter((step) => step.change !== 'unchanged');
      const writes: Write[] = [];
      for (const { collection, value, kept } of changes)
        writes.push(...(await collection.writesFor(value, kept, actor)));
      const result = resultOf(steps, writes.length, !preview);
      if (preview) return result;
      if (writes.length > MOST_WRITES)
        throw new BreakwaterError(
          'RequestTooLarge',
          `the import writes ${writes.length} rows (two for a plan, one for anything else); at most ${MOST_WRITES} are possible at once: import it in parts`,
        );
      const entry = {
        action: 'configuration.import',
        by: actor.by,
        target: 'configuration',
        ...requestOf(actor),
        data: { created: wordsOf(result.created), updated: wordsOf(result.updated) },
      };
      await deps.audit.change(entry, (announcement) => deps.store.write([...writes, announcement]));
      return result;
    },
  };
}

interface Step {
  readonly collection: Collection;
  readonly id: string;
  readonly value: JsonObject;
  readonly kept: Kept | null;
  readonly change: 'created' | 'updated' | 'unchanged';
}

type Parsed = Readonly<Record<string, readonly JsonObject[] | JsonObject | undefined>>;

function schemaOf(lists: readonly Collection[], settings: Collection): z.ZodType {
  const members = lists.map(({ name, schema }) => [name, z.array(schema).max(1_000).optional()]);
  return z.strictObject({
    formatVersion: z.literal(FORMAT).default(FORMAT),
    ...(Object.fromEntries(members) as Record<string, z.ZodType>),
    settings: settings.schema.optional(),
  });
}

function parse(schema: z.ZodType, document: unknown): Parsed {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data as Parsed;
  throw refusal(schemaFindings(schema, document));
}

function refusal(findings: readonly Finding[]): BreakwaterError {
  const [{ path, message } = { path: '', message: '' }] = findings;
  const count = `${findings.length} finding${findings.length === 1 ? '' : 's'}`;
  return new BreakwaterError('RequestInvalid', `the configuration has ${count}: ${path}: ${message}`, {
    details: { findings: findings as unknown as Json },
  });
}

/** What each document of an import means for what is kept. Throws with all that stands against it. */
async function stepsOf(
  lists: readonly Collection[],
  settings: Collection,
  parsed: Parsed,
): Promise<readonly Step[]> {
  const findings: Finding[] = [];
  const steps: Step[] = [];
  for (const collection of [...lists, settings]) {
    const given = [parsed[collection.name] ?? []].flat() as readonly JsonObject[];
    if (given.length === 0) continue;
    const all = new Map((await collection.all()).map((kept) => [kept.id, kept]));
    const seen = new Set<string>();
    for (const [i, value] of given.entries()) {
      const path = `${collection.name}[${i}]`;
      const id = collection.idOf(value);
      if (seen.has(id)) findings.push(twice(path, id));
      seen.add(id);
      findings.push(...checked(collection, value, path));
      const kept = all.get(id) ?? null;
      steps.push({ collection, id, value, kept, change: changeOf(value, kept) });
    }
  }
  if (findings.length === 0) return steps;
  throw refusal(findings);
}

function changeOf(value: JsonObject, kept: Kept | null): Step['change'] {
  if (kept === null) return 'created';
  return canonicalJson(kept.value) === canonicalJson(value) ? 'unchanged' : 'updated';
}

function checked({ check }: Collection, value: JsonObject, at: string): Finding[] {
  try {
    check?.(value);
    return [];
  } catch (error) {
    if (!isBreakwaterError(error) || !Array.isArray(error.details['findings'])) throw error;
    const findings = error.details['findings'] as unknown as Finding[];
    return findings.map((finding) => ({ ...finding, path: `${at}.${finding.path}` }));
  }
}

function twice(path: string, id: string): Finding {
  return {
    level: 'error',
    rule: 'IdDuplicate',
    path,
    value: id,
    message: `${JSON.stringify(id)} stands twice`,
    remedy: 'Remove one of the two.',
  };
}

function resultOf(steps: readonly Step[], writes: number, applied: boolean): ImportResult {
  const only = (change: Step['change']): Step[] => steps.filter((step) => step.change === change);
  const name = ({ collection, id }: Step): ImportedId => ({ kind: collection.name, id });
  return {
    applied,
    created: only('created').map(name),
    updated: only('updated').map((step) => ({
      ...name(step),
      differences: differences(step.kept!.value, step.value),
    })),
    unchanged: only('unchanged').map(name),
    writes,
  };
}

function wordsOf(ids: readonly ImportedId[]): string[] {
  return ids.map(({ kind, id }) => `${kind}/${id}`);
}
