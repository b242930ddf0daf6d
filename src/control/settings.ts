import { hasCode } from '#core/errors.ts';
import { DocumentRepository } from '#store/documents.ts';
import type { Write } from '#store/port.ts';
import { z } from 'zod';
import type { Actor } from './audit-log.ts';
import { differences } from './differences.ts';
import { IdentitySettings } from './identity-settings.ts';
import type { PlaneDeps } from './plane-deps.ts';

/** How this server is set up. Holds no secrets. */
export const Settings = z.strictObject({
  identity: IdentitySettings.prefault({}),
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

export function createSettings({ store, audit }: PlaneDeps): SettingsStore {
  const documents = new DocumentRepository<Settings>({
    store,
    table: 'platform-records',
    partition: 'settings',
    noun: 'document',
  });
  const get = async (): Promise<KeptSettings> => {
    const found = await documents.find(ID);
    return found ?? { revision: 0, value: Settings.parse({}) };
  };
  return {
    get,
    async put(value, expected, { by, requestId }) {
      const before = await get();
      const entry = {
        action: 'settings.update',
        by,
        target: 'settings',
        ...(requestId === undefined ? {} : { requestId }),
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
