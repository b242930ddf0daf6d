import { hasCode } from '#core/errors.ts';
import { DocumentRepository } from '#store/documents.ts';
import type { Store, Write } from '#store/port.ts';
import { z } from 'zod';
import { requestOf, type Actor } from './audit-log.ts';
import { differences } from './differences.ts';
import { IdentitySettings } from './identity-settings.ts';
import type { PlaneDeps } from './plane-deps.ts';
import { Solutions, type SolutionSettings } from './solution-settings.ts';

/** How this server is set up. Holds no secrets. */
export const Settings = z.strictObject({
  identity: IdentitySettings.prefault({}),
  /** DRS solutions that exist already, and other Breakwaters, that plans may drive. */
  solutions: Solutions.default({}),
});
export type Settings = z.infer<typeof Settings>;

/** The settings with their revision: 0 before anybody has put any. */
export interface KeptSettings {
  readonly revision: number;
  readonly value: Settings;
}

export interface SettingsStore {
  get(): Promise<KeptSettings>;
  /** Throws `PreconditionFailed` when someone else has put others since revision `expected`. */
  put(value: Settings, expected: number, actor: Actor): Promise<KeptSettings>;
}

const ID = 'settings';
export const SETTINGS_PARTITION = 'settings';

export function createSettings({ store, audit }: PlaneDeps): SettingsStore {
  const documents = documentsIn(store);
  const get = async (): Promise<KeptSettings> => {
    const { revision, value } = (await documents.find(ID)) ?? { revision: 0, value: {} };
    // What was put before a member existed gets its default.
    return { revision, value: Settings.parse(value) };
  };
  return {
    get,
    async put(value, expected, { by, requestId }) {
      const before = await get();
      const entry = {
        action: 'settings.update',
        by,
        target: 'settings',
        ...requestOf({ requestId }),
        data: { revision: expected + 1, changed: differences(before.value, value).map(({ path }) => path) },
      };
      return audit.change(entry, (announcement) =>
        expected === 0 && before.revision === 0
          ? createOrChanged(documents, value, announcement)
          : documents.update(ID, value, expected, [announcement]),
      );
    },
  };
}

/** A solution of the settings as they are now; `null`: they have none of that name. */
export function solutionSource(store: Store): (name: string) => Promise<SolutionSettings | null> {
  const documents = documentsIn(store);
  return async (name) => {
    const { solutions } = Settings.parse((await documents.find(ID))?.value ?? {});
    return Object.hasOwn(solutions, name) ? solutions[name]! : null;
  };
}

function documentsIn(store: Store): DocumentRepository<Settings> {
  const where = { table: 'platform-records', partition: SETTINGS_PARTITION, noun: 'document' } as const;
  return new DocumentRepository<Settings>({ ...where, store });
}

/** Two that come first at once: one of them has read what is no longer so. */
async function createOrChanged(
  documents: DocumentRepository<Settings>,
  value: Settings,
  announcement: Write,
): Promise<KeptSettings> {
  try {
    return await documents.create(ID, value, [announcement]);
  } catch (error) {
    if (!hasCode(error, 'AlreadyExists')) throw error;
    return documents.update(ID, value, 0, [announcement]);
  }
}
