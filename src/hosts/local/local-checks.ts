import { existsSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import project from '../../../package.json' with { type: 'json' };
import { failed, ok, warning, type Check, type Found } from '#control/doctor/check.ts';
import { dataFiles, readOwner } from './data-directory.ts';

/** A full disk stops a server; what a plan writes fits in this. */
const LITTLE_BYTES = 1024 ** 3;
const TOO_LITTLE_BYTES = 100 * 1024 ** 2;
/** A file written just now may be a moment ahead. */
const MOST_AHEAD_MS = 60_000;

/** What the machine and the data directory are like. `now`: real time, ms since 1970. */
export function localChecks(dataDir: string, now: () => number): Check[] {
  const check = (name: string, look: () => Promise<Found>): Check => ({ group: 'this machine', name, look });
  return [
    check('Node', async () => nodeFound(process.versions.node)),
    check('data directory', () => lookAtDirectory(dataDir)),
    check('disk space', () => lookAtDisk(dataDir)),
    check('clock', () => lookAtClock(dataFiles(dataDir).records, now)),
  ];
}

/** The project brings the version that it is tested with, and `breakwater` runs on it. */
export function nodeFound(version: string): Found {
  const pinned = project.devDependencies.node;
  if (version === pinned) return ok(version);
  const isOlder = Number(version.split('.')[0]) < Number(pinned.split('.')[0]);
  const remedy = `Breakwater is tested with ${pinned}: start it by ./breakwater or npx breakwater, which bring it.`;
  return isOlder ? failed(version, remedy) : warning(version, remedy);
}

async function lookAtDirectory(dataDir: string): Promise<Found> {
  if (!existsSync(dataDir)) return ok(`${dataDir} is not there yet: the first run makes it`);
  const { mode, uid } = await stat(dataDir);
  const owner = await readOwner(dataDir);
  const words = `${dataDir}, ${owner === null ? 'nobody works on it' : `process ${owner.pid} works on it`}`;
  if (process.getuid !== undefined && uid !== process.getuid())
    return warning(`${words}; it belongs to somebody else`, 'Run as the user that owns it.');
  if ((mode & 0o077) !== 0)
    return warning(
      `${words}; others can read it (mode ${(mode & 0o777).toString(8)})`,
      `chmod 700 ${dataDir}`,
    );
  return ok(words);
}

async function lookAtDisk(dataDir: string): Promise<Found> {
  const { bavail, bsize } = await statfs(nearestFolder(path.resolve(dataDir)));
  return diskFound(bavail * bsize);
}

export function diskFound(bytes: number): Found {
  const words = `${(bytes / 1024 ** 3).toFixed(1)} GiB free`;
  const remedy = 'Make room: executions, events and the audit trail are kept for good.';
  if (bytes < TOO_LITTLE_BYTES) return failed(words, remedy);
  return bytes < LITTLE_BYTES ? warning(words, remedy) : ok(words);
}

function nearestFolder(folder: string): string {
  return existsSync(folder) ? folder : nearestFolder(path.dirname(folder));
}

/** Nothing here knows the right time, but what was written last has been. */
async function lookAtClock(records: string, now: () => number): Promise<Found> {
  const time = new Date(now()).toISOString();
  if (!existsSync(records)) return ok(time);
  const { mtimeMs } = await stat(records);
  if (mtimeMs - now() <= MOST_AHEAD_MS) return ok(time);
  return failed(
    `it is ${time}, and the records were written at ${new Date(mtimeMs).toISOString()}`,
    'Set the clock, or switch on NTP: schedules, timeouts and signatures go by it.',
  );
}
