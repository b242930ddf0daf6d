import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import { parseDuration } from '#core/duration.ts';

/** A duration for people: `1h 02m`, `4m 10s`, `12s`; never negative. */
export function humanDuration(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / 1_000);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  const two = (value: number): string => String(value).padStart(2, '0');
  if (days > 0) return `${days}d ${two(hours)}h`;
  if (hours > 0) return `${hours}h ${two(minutes)}m`;
  return minutes > 0 ? `${minutes}m ${two(seconds % 60)}s` : `${seconds}s`;
}

/** An ISO 8601 duration for people; a dash when there is none. */
export function humanIso(duration: string | undefined): string {
  return duration === undefined ? '–' : humanDuration(parseDuration(duration));
}

/** `1 server`, `2 servers`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Cuts a text to a width in terminal columns, with `…` where something is missing. */
export function fit(text: string, width: number): string {
  if (width === Infinity) return text;
  return width < 1 ? '' : cliTruncate(text, width);
}

/** Cuts or fills a text to exactly this many columns. */
export function column(text: string, width: number): string {
  const cut = fit(text, width);
  return cut + ' '.repeat(Math.max(0, width - stringWidth(cut)));
}

/** One line of `width` columns: `left` from the left edge, `right` at the right edge. `left` gives way. */
export function spread(left: string, right: string, width: number): string {
  const rightWidth = stringWidth(right);
  if (rightWidth === 0) return fit(left, width);
  return rightWidth + 8 > width ? fit(left, width) : `${column(left, width - rightWidth - 1)} ${right}`;
}

/** Names that come from plans and from AWS may hold line breaks and terminal codes: they are shown, never obeyed. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
