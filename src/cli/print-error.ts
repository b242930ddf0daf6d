import type { PlacedFinding } from '#control/plan-file.ts';
import { isBreakwaterError, reportOf } from '#core/errors.ts';
import type { Finding } from '#core/outcome.ts';
import { plain, plural } from './format.ts';
import type { IoHost } from './io-host.ts';
import { makeTheme, type Theme } from './theme.ts';

/** Tells a person (stderr) or a program (`--json`: stdout, one line `{"error": …}`) what went wrong. The only place that does. */
export function printError(
  error: unknown,
  io: IoHost,
  { json, verbose }: { json: boolean; verbose: boolean },
): void {
  const report = reportOf(error);
  if (json) io.print(JSON.stringify({ error: report }));
  const theme = makeTheme(io.color);
  const findings = findingsIn(report.details);
  const lines = [
    `${theme.bad(`${report.code}:`)} ${plain(report.message)}`,
    ...report.causes.map((cause) => `  because ${plain(cause)}`),
    ...(findings.length === 0
      ? []
      : ['', renderFindings(findings, { file: fileIn(report.details), theme }), '']),
    `${theme.quiet('→')} ${report.remedy}`,
  ];
  io.note(lines.join('\n'));
  if (verbose && error instanceof Error && error.stack !== undefined)
    io.note(`\n${theme.quiet(error.stack)}`);
  else if (!isBreakwaterError(error))
    io.note(theme.quiet('  Repeat it with --verbose to see where it happened.'));
}

function findingsIn(details: Readonly<Record<string, unknown>>): PlacedFinding[] {
  return Array.isArray(details['findings']) ? (details['findings'] as PlacedFinding[]) : [];
}

function fileIn(details: Readonly<Record<string, unknown>>): string {
  return typeof details['file'] === 'string' ? details['file'] : '';
}

/** The value, where the message does not say it already. */
function valueOf({ rule, value, message }: PlacedFinding): string {
  if (rule === 'FieldUnknown' || value === undefined || (typeof value === 'object' && value !== null))
    return '';
  return message.includes(String(value)) ? '' : ` (it is ${plain(JSON.stringify(value))})`;
}

const MOST_FINDINGS = 100;
const LEVELS: readonly Finding['level'][] = ['error', 'warning', 'info'];

/**
 * Each finding with its place (which editors and terminals turn into a link), what is wrong, and what to do: errors first.
 * What is the same in many places is said once.
 */
export function renderFindings(
  findings: readonly PlacedFinding[],
  { file, theme }: { file: string; theme: Theme },
): string {
  const paint = { error: theme.bad, warning: theme.attention, info: theme.quiet } as const;
  const sorted = findings.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  const groups = [...Map.groupBy(sorted, sameWords).values()];
  const shown = groups.slice(0, MOST_FINDINGS).map(([finding, ...others]) => {
    const { line, column, level, rule, path, message, remedy } = finding!;
    const place = line === undefined ? file : `${file}:${line}:${column}`;
    const head = [place, paint[level](level), theme.quiet(rule)].filter((part) => part !== '');
    const where = path === '' ? '' : `${plain(path)}: `;
    const more = others.length === 0 ? '' : ` (and ${plural(others.length, 'more place')})`;
    return `${head.join('  ')}\n    ${where}${plain(message)}${valueOf(finding!)}${more}\n    ${theme.quiet('→')} ${plain(remedy)}`;
  });
  const rest = groups.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${plural(rest, 'more finding')}`] : [])].join('\n');
}

/** The place apart, what a finding says. */
function sameWords(finding: PlacedFinding): string {
  const { level, rule, message, remedy } = finding;
  return JSON.stringify([level, rule, message, remedy, valueOf(finding)]);
}
