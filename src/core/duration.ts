import { BreakwaterError } from './errors.ts';

const PATTERN = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;
const UNITS_MS = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000];

/**
 * Milliseconds of an ISO 8601 duration (`PT15M30S`, `P1D`). Years and months are refused: they have no fixed length.
 * Throws `DurationInvalid`.
 */
export function parseDuration(text: string): number {
  const ms = readDuration(text);
  if (ms === null) throw new BreakwaterError('DurationInvalid', durationProblem(text));
  return ms;
}

/** As `parseDuration`; `null` for what is no duration. */
export function readDuration(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null || text === 'P' || text.endsWith('T')) return null;
  const ms = Math.round(match.slice(1).reduce((sum, part, i) => sum + Number(part ?? 0) * UNITS_MS[i]!, 0));
  return Number.isSafeInteger(ms) ? ms : null;
}

/** What is wrong with a text that is no duration. */
export function durationProblem(text: string): string {
  return CALENDAR.test(text)
    ? `${JSON.stringify(text)} has years or months, whose length varies`
    : `${JSON.stringify(text)} is not an ISO 8601 duration such as PT5M`;
}

/** What to write in place of a value that is no duration. */
export function durationRemedy(value: unknown): string {
  const text = String(value);
  if (CALENDAR.test(text)) return 'Write days, such as P30D.';
  const [, count, unit = ''] = /^(\d+) ?(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)$/i.exec(text) ?? [];
  if (count !== undefined) {
    const letter = unit[0]!.toUpperCase();
    return `Write ${letter === 'D' ? 'P' : 'PT'}${count}${letter}.`;
  }
  return 'Write an ISO 8601 duration such as PT10M.';
}

/** ISO 8601 durations with years or months before the `T`. */
const CALENDAR = /^P(?=\d+[YM])(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T.+)?$/;

/** The ISO 8601 duration of a number of milliseconds (at least 0), to the millisecond: `PT15M30S`, `PT0S`. */
export function formatDuration(ms: number): string {
  const whole = Math.round(ms);
  const [hours, minutes] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60];
  const seconds = (whole % 60_000) / 1_000;
  const time = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`;
  return `PT${time || '0S'}`;
}
