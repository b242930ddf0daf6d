import type { SourceServer } from '@aws-sdk/client-drs';
import { isWindows } from './source-servers.ts';

/** Two recorded jobs of small Linux servers took 533 s and 539 s (drs-tools sample, December 2022). */
const LINUX_MS = 536_000;
/** Reported for Windows: drills 20 minutes, recoveries 30. */
const WINDOWS_MS = 25 * 60_000;

/** How long a job with these servers is expected to take: as long as its slowest kind. */
export function expectedJobMs(servers: readonly SourceServer[]): number {
  return servers.some(isWindows) ? WINDOWS_MS : LINUX_MS;
}
