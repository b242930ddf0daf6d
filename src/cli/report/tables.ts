import { parseDuration } from '#core/duration.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import type { ResourceOutcome } from '#core/outcome.ts';
import type { ExecutionView, GateView, TechnologyView, WaveView } from '#core/view.ts';
import { humanDuration, humanIso, plural } from '../format.ts';
import { countStatuses, elapsedMs, resourceLines, technologyName } from '../progress.ts';
import { waitedAt } from '../summary.ts';
import { statusWords } from '../theme.ts';
import { html, type Html } from './html.ts';
import { status } from './status.ts';

interface Column {
  readonly title: string;
  readonly kind?: 'number' | 'nowrap';
}

/** The first cell of each row is its heading. */
function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (Html | string)[])[],
): Html {
  const classOf = (index: number): Html => {
    const kind = columns[index]?.kind;
    return kind === undefined ? html`` : html`class="${kind}"`;
  };
  const cell = (value: Html | string, index: number): Html =>
    index === 0
      ? html`<th scope="row" ${classOf(index)}>${value}</th>`
      : html`<td ${classOf(index)}>${value}</td>`;
  return html`<div class="scroll">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(({ title }, index) => html`<th scope="col" ${classOf(index)}>${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Planned against actual, wave by wave. */
export function renderWaves(execution: ExecutionView): Html {
  const columns: Column[] = [
    { title: 'Wave' },
    { title: 'Status', kind: 'nowrap' },
    { title: 'After', kind: 'nowrap' },
    { title: 'Planned', kind: 'number' },
    { title: 'Actual', kind: 'number' },
    { title: 'Waited', kind: 'number' },
    { title: 'Resources' },
  ];
  return table(
    'Times from start to end of each wave; “Waited” is the part of it that people took.',
    columns,
    execution.waves.map((wave) => waveRow(wave, execution)),
  );
}

function waveRow(wave: WaveView, execution: ExecutionView): (Html | string)[] {
  const took = elapsedMs(wave, Date.parse(execution.completedAt ?? execution.startedAt));
  const waited = waitedAt(wave.waveNumber, execution);
  const isLate = took !== null && took - waited > parseDuration(wave.expectedDuration) * 1.1;
  const actual = took === null ? '–' : humanDuration(took);
  const counts = [...countStatuses(wave.technologies.flatMap(resourceLines))];
  return [
    `${wave.waveNumber}  ${wave.name}`,
    status(wave.status),
    wave.dependencies.length === 0 ? '–' : wave.dependencies.join(', '),
    humanIso(wave.expectedDuration),
    isLate ? html`<span class="late">${actual}<br /><small>later than planned</small></span>` : actual,
    humanDuration(waited),
    counts.map(([value, count]) => `${count} ${statusWords(value)}`).join(', '),
  ];
}

/** Where the execution waited for people, and who decided what. */
export function renderDecisions({ gates, startedAt }: ExecutionView): Html {
  const shown = gates.filter(({ kind }) => kind !== 'dependencies');
  if (shown.length === 0) return html`<p>Nobody was waited for.</p>`;
  const columns: Column[] = [
    { title: 'At', kind: 'nowrap' },
    { title: 'Wave', kind: 'nowrap' },
    { title: 'Why it waited' },
    { title: 'For', kind: 'number' },
    { title: 'Decision' },
    { title: 'By', kind: 'nowrap' },
  ];
  const caption = 'Each gate that held the execution for a person.';
  return table(
    caption,
    columns,
    shown.map((gate) => decisionRow(gate, Date.parse(startedAt))),
  );
}

function decisionRow(gate: GateView, startMs: number): string[] {
  const { resolution } = gate;
  const because = resolution?.reason === undefined ? '' : `: ${resolution.reason}`;
  return [
    offset(gate.openedAt, startMs),
    gate.waveNumber === 0 ? 'all' : String(gate.waveNumber),
    `${gate.kind}: ${gate.reason}`,
    gate.closedAt === undefined
      ? 'open'
      : humanDuration(Date.parse(gate.closedAt) - Date.parse(gate.openedAt)),
    resolution === undefined ? '–' : `${resolution.action}${because}`,
    resolution?.by ?? '–',
  ];
}

/** Every resource with its outcome, by wave and technology. */
export function renderResources(execution: ExecutionView): Html {
  return html`${execution.waves.flatMap((wave) =>
    wave.technologies.map(
      (technology) =>
        html`<h3>Wave ${wave.waveNumber} · ${technologyName(technology)}</h3>
          ${resourceTable(technology, Date.parse(execution.startedAt))}`,
    ),
  )}`;
}

function resourceTable(technology: TechnologyView, startMs: number): Html {
  const outcomes = new Map(technology.outcomes.map((outcome) => [outcome.resourceId, outcome]));
  const lines = resourceLines(technology);
  const optional = technology.criticality === 'optional' ? ', optional' : '';
  const attempts = technology.attempt > 1 ? `, ${technology.attempt} attempts` : '';
  const caption = `${technology.type}/${technology.operation}${optional}: ${statusWords(technology.status)}${attempts}, ${humanIso(technology.executionTime)} (planned ${humanIso(technology.expectedDuration)})`;
  if (lines.length === 0) return html`<p class="quiet">${caption}. No resources.</p>`;
  const columns: Column[] = [
    { title: 'Resource' },
    { title: 'Status', kind: 'nowrap' },
    { title: 'Began', kind: 'number' },
    { title: 'Took', kind: 'number' },
    { title: 'Result' },
  ];
  const rows = lines.map(({ resourceId, name, status: value, detail }) => {
    const outcome = outcomes.get(resourceId);
    return [
      html`${name === resourceId ? null : html`${name}<br />`}<code${resourceId.length > 40 ? null : html` class="nowrap"`}>${resourceId}</code>`,
      status(value),
      ...timesOf(outcome, startMs),
      resultWords(outcome, detail),
    ];
  });
  return table(caption, columns, rows);
}

function timesOf(outcome: ResourceOutcome | undefined, startMs: number): [string, string] {
  const { startedAt, completedAt } = outcome ?? {};
  return [
    startedAt === undefined ? '–' : offset(startedAt, startMs),
    startedAt === undefined || completedAt === undefined
      ? '–'
      : humanDuration(Date.parse(completedAt) - Date.parse(startedAt)),
  ];
}

/** For a server: what it became. */
function resultWords(outcome: ResourceOutcome | undefined, detail: string): string {
  const [instance, address] = [outcome?.result?.['ec2InstanceId'], outcome?.result?.['privateIp']];
  const server =
    typeof instance === 'string' ? `${instance}${typeof address === 'string' ? ` at ${address}` : ''}` : '';
  const failed = outcome?.error === undefined ? '' : `${outcome.error.code}: `;
  return [server, `${failed}${detail}`].filter((part) => part !== '').join('; ');
}

/** The event log without progress reports. */
export function renderEvents(events: readonly ExecutionEventRecord[], startedAt: string): Html {
  const shown = events.filter(({ level }) => level !== 'debug');
  const left = events.length - shown.length;
  const caption = `${plural(shown.length, 'event')}${left > 0 ? `; ${plural(left, 'progress report')} left out` : ''}. Times are from the start.`;
  const columns: Column[] = [
    { title: '#', kind: 'number' },
    { title: 'At', kind: 'number' },
    { title: 'UTC', kind: 'nowrap' },
    { title: 'Level', kind: 'nowrap' },
    { title: 'Event' },
  ];
  const rows = shown.map(({ sequence, at, level, message }) => [
    String(sequence),
    offset(at, Date.parse(startedAt)),
    at.slice(11, 19),
    level === 'info' ? level : html`<strong>${level}</strong>`,
    message,
  ]);
  return table(caption, columns, rows);
}

function offset(at: string, startMs: number): string {
  return `+${humanDuration(Date.parse(at) - startMs)}`;
}
