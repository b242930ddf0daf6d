const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 168].map((n) => n * HOUR),
];
const MOST_TICKS = 8;

/** The places of the ticks of a time axis, in ms from its start: round times, at most eight. */
export function ticksOf(rangeMs: number): number[] {
  const step =
    STEPS_MS.find((candidate) => rangeMs / candidate <= MOST_TICKS) ??
    Math.ceil(rangeMs / MOST_TICKS / (168 * HOUR)) * 168 * HOUR;
  return Array.from({ length: Math.floor(rangeMs / step) + 1 }, (_, index) => index * step);
}

/** A tick as a clock shows it: `0:00`, `12:30`, `1:05:00`; days as `2d 06h`. */
export function tickLabel(ms: number, rangeMs: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(ms / HOUR), Math.floor(ms / MINUTE) % 60, (ms / SECOND) % 60];
  if (rangeMs > 96 * HOUR) return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
  if (rangeMs >= 2 * HOUR) return `${hours}h ${two(minutes)}`;
  return `${Math.floor(ms / MINUTE)}:${two(seconds)}`;
}
