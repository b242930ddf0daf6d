/** The types of `rooms.mjs`, which is JavaScript because the linter loads it under any Node. */
export interface Room {
  readonly rooms: readonly string[];
  readonly files?: readonly string[];
  readonly packages?: readonly string[];
}
export const ROOMS: Readonly<Record<string, Room>>;
export function importProblem(from: string, to: string): string | null;
