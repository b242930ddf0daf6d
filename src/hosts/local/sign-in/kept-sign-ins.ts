import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { BreakwaterError } from '#core/errors.ts';
import { explainFileError } from '../json-file.ts';
import type { Environment } from '../open-in.ts';

/** One person, signed in for one server. The tokens go to that server and to the user pool, nowhere else. */
const KeptSignIn = z.strictObject({
  api: z.string(),
  user: z.string(),
  clientId: z.string(),
  region: z.string(),
  idToken: z.string(),
  refreshToken: z.string(),
  /** Of the id token, ms since 1970 by the clock of this machine. */
  expiresAt: z.number(),
});
export type KeptSignIn = z.infer<typeof KeptSignIn>;

/** The sign-ins of this user of this machine: a private file for each server. */
export interface KeptSignIns {
  find(api: string): Promise<KeptSignIn | null>;
  put(signIn: KeptSignIn): Promise<void>;
  remove(api: string): Promise<void>;
}

export function keptSignIns(environment: Environment): KeptSignIns {
  const home = environment['XDG_CONFIG_HOME'] || path.join(environment['HOME'] || homedir(), '.config');
  const folder = path.join(home, 'breakwater', 'sign-ins');
  const fileOf = (api: string): string =>
    path.join(folder, `${createHash('sha256').update(api).digest('hex').slice(0, 24)}.json`);
  return {
    find: (api) => readSignIn(fileOf(api), api),
    async put(signIn) {
      const file = fileOf(signIn.api);
      // Each process has a draft of its own; the last one stands.
      const draft = `${file}.${randomUUID()}`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await chmod(folder, 0o700);
        await writeFile(draft, `${JSON.stringify(signIn)}\n`, { mode: 0o600, flag: 'wx', flush: true });
        await rename(draft, file);
      } catch (error) {
        await rm(draft, { force: true });
        throw explainFileError(error, file);
      }
    },
    remove: (api) => rm(fileOf(api), { force: true }),
  };
}

async function readSignIn(file: string, api: string): Promise<KeptSignIn | null> {
  const text = await readPrivate(file);
  if (text === null) return null;
  const parsed = KeptSignIn.safeParse(parseJson(text));
  // What it holds is secret, so it is not shown.
  if (!parsed.success || parsed.data.api !== api)
    throw new BreakwaterError('SignInFailed', `${file} is no sign-in for ${api}`);
  return parsed.data;
}

async function readPrivate(file: string): Promise<string | null> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0 && process.platform !== 'win32')
      throw new BreakwaterError(
        'SignInFailed',
        `${file} could be read by others, so what is in it may be known: log out, or remove it`,
      );
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error instanceof BreakwaterError ? error : explainFileError(error, file);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
