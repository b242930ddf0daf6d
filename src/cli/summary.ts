import { waitedForPeopleMs, type ExecutionExport } from '#core/export.ts';
import type { ExecutionView, GateView, WaveView } from '#core/view.ts';
import { humanDuration, humanIso, plain } from './format.ts';
import { renderTable } from './output.ts';
import { countStatuses, elapsedMs, resourceLines, technologyName } from './progress.ts';
import { statusGlyph, statusWords, type Theme } from './theme.ts';

/** What an execution came to: a line for the whole, a table of its waves, the objective, and what did not go well. */
export function renderSummary({ execution, rto, rpo }: ExecutionExport, theme: Theme): string {
  const outcome = execution.outcome === 'with_exceptions' ? ', with exceptions' : '';
  const title = `${statusGlyph(execution.status, theme)} ${theme.strong(plain(execution.planName))} · ${execution.mode} ${statusWords(execution.status)}${outcome}${execution.simulated ? ' (simulated AWS)' : ''}`;
  const table = renderTable({
    head: ['', 'Wave', '', 'Planned', 'Actual', 'Waited', 'Resources'],
    right: [1, 3, 4, 5],
    rows: execution.waves.map((wave) => waveRow(wave, execution, theme)),
    theme,
  });
  return [
    title,
    '',
    table,
    '',
    objectiveLine(execution, rto, theme),
    ...pointLines(rpo, theme),
    ...problemLines(execution, theme),
  ].join('\n');
}

function waveRow(wave: WaveView, execution: ExecutionView, theme: Theme): string[] {
  const actual = elapsedMs(wave, Date.parse(execution.completedAt ?? execution.startedAt));
  return [
    statusGlyph(wave.status, theme),
    String(wave.waveNumber),
    plain(wave.name),
    humanIso(wave.expectedDuration),
    actual === null ? '–' : humanDuration(actual),
    humanDuration(waitedAt(wave.waveNumber, execution)),
    resourceWords(wave, theme),
  ];
}

/** How long the gates of one wave waited for people, in ms. */
export function waitedAt(waveNumber: number, execution: ExecutionView): number {
  return waitedForPeopleMs({
    ...execution,
    gates: execution.gates.filter((gate) => gate.waveNumber === waveNumber),
  });
}

function resourceWords(wave: WaveView, theme: Theme): string {
  const counts = countStatuses(wave.technologies.flatMap(resourceLines));
  return [...counts]
    .map(([status, count]) => `${statusGlyph(status, theme)} ${count} ${statusWords(status)}`)
    .join('  ');
}

function objectiveLine({ status }: ExecutionView, rto: ExecutionExport['rto'], theme: Theme): string {
  const people = `${humanIso(rto.waitedForPeople)} of it waiting for people`;
  const actual = `took ${humanIso(rto.actual)}, ${people}`;
  if (rto.objective === undefined) return `No recovery time objective; ${actual}`;
  const objective = `recovery time objective of ${humanIso(rto.objective)}`;
  if (rto.met === undefined || status !== 'completed') return `The ${objective} was not reached; ${actual}`;
  return rto.met
    ? `${theme.good('✓')} Within the ${objective}: ${actual}`
    : `${theme.bad('✗')} Over the ${objective}: ${actual}`;
}

function pointLines({ objective, actual, met }: ExecutionExport['rpo'], theme: Theme): string[] {
  if (actual === undefined) return [];
  const lost =
    actual === 'PT0S'
      ? 'servers were launched from a state as of the start'
      : `servers were launched from a state up to ${humanIso(actual)} before the start`;
  if (objective === undefined) return [`  No recovery point objective: ${lost}`];
  const words = `recovery point objective of ${humanIso(objective)}: ${lost}`;
  if (met === undefined) return [`  Of the ${words}; what else was lost is not measured`];
  return [met ? `${theme.good('✓')} Within the ${words}` : `${theme.bad('✗')} Over the ${words}`];
}

function skipLine({ waveNumber, resolution }: GateView, theme: Theme): string[] {
  if (resolution?.action !== 'skip') return [];
  const why = resolution.reason === undefined ? '' : `: ${plain(resolution.reason)}`;
  return [
    `${statusGlyph('skipped', theme)} wave ${waveNumber}: what failed was skipped by ${plain(resolution.by)}${why}`,
  ];
}

const MOST_PROBLEMS = 20;

function problemLines(execution: ExecutionView, theme: Theme): string[] {
  const problems = [
    ...(execution.error === undefined
      ? []
      : [`${theme.bad('✗')} ${plain(execution.error.code)}: ${plain(execution.error.message)}`]),
    ...execution.waves.flatMap((wave) =>
      wave.technologies.flatMap((technology) =>
        resourceLines(technology)
          .filter(({ status }) => status === 'failed' || status === 'skipped' || status === 'cancelled')
          .map(
            ({ name, status, detail }) =>
              `${statusGlyph(status, theme)} wave ${wave.waveNumber}, ${plain(technologyName(technology))}: ${plain(name)} ${statusWords(status)}${detail === '' ? '' : `: ${plain(detail)}`}`,
          ),
      ),
    ),
  ];
  problems.push(...execution.gates.flatMap((gate) => skipLine(gate, theme)));
  const rest = problems.length - MOST_PROBLEMS;
  const shown = problems.slice(0, MOST_PROBLEMS);
  return problems.length === 0 ? [] : ['', ...shown, ...(rest > 0 ? [`and ${rest} more`] : [])];
}
