import { parseDuration } from '#core/duration.ts';
import type { ExecutionExport } from '#core/export.ts';
import type { ExecutionView, GateView, TechnologyView, WaveView } from '#core/view.ts';
import { longestPath } from '#core/wave-graph.ts';
import { fit, humanDuration } from '../format.ts';
import { technologyName } from '../progress.ts';
import { statusWords } from '../theme.ts';
import { html, type Html } from './html.ts';
import { glyphOf } from './status.ts';
import { tickLabel, ticksOf } from './timeline-scale.ts';

const WIDTH = 1_000;
const LEFT = 236;
const RIGHT = 112;
const HEAD = 24;
const HEIGHTS = { wave: 34, technology: 20 } as const;
/** So many rows fit on a printed page together with their axis. */
const ROWS_A_FIGURE = 34;
/** With more rows than this, technologies are left to the tables. */
const MOST_ROWS = 240;

interface Row {
  readonly kind: keyof typeof HEIGHTS;
  readonly label: string;
  readonly status: string;
  readonly actual: Span | null;
  readonly planned: Span | null;
  readonly waits: readonly (Span & { readonly words: string })[];
}

/** Ms from the start of the execution. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface Chart {
  readonly rangeMs: number;
  readonly objectiveMs: number | null;
  x(ms: number): number;
}

/** The waves and technologies over time, planned against actual, waiting hatched. Long plans get several figures. */
export function renderTimeline({ execution, rto }: ExecutionExport): Html {
  const rows = rowsOf(execution);
  const objectiveMs = rto.objective === undefined ? null : parseDuration(rto.objective);
  const chart = chartOf(rows, objectiveMs);
  const pages = Math.ceil(rows.length / ROWS_A_FIGURE);
  const figures = Array.from({ length: pages }, (_, index) =>
    renderFigure(rows.slice(index * ROWS_A_FIGURE, (index + 1) * ROWS_A_FIGURE), chart, {
      index,
      pages,
      execution,
    }),
  );
  const beyond =
    objectiveMs !== null && objectiveMs > chart.rangeMs
      ? html`<p class="quiet">
          The recovery time objective, ${humanDuration(objectiveMs)}, lies beyond the right edge.
        </p>`
      : null;
  return html`${legend(chart)}${figures}${beyond}`;
}

function rowsOf(execution: ExecutionView): Row[] {
  const startMs = Date.parse(execution.startedAt);
  const endMs = Math.max(
    ...[execution.completedAt, ...execution.gates.map(({ openedAt }) => openedAt), ...moments(execution)]
      .filter((moment) => moment !== undefined)
      .map((moment) => Date.parse(moment)),
    startMs,
  );
  const spanOf = (part: { startedAt?: string; completedAt?: string }): Span | null =>
    part.startedAt === undefined
      ? null
      : {
          from: Date.parse(part.startedAt) - startMs,
          to: (part.completedAt === undefined ? endMs : Date.parse(part.completedAt)) - startMs,
        };
  const planned = plannedSpans(execution.waves);
  const total = execution.waves.reduce((sum, { technologies }) => sum + 1 + technologies.length, 0);
  return execution.waves.flatMap((wave) => [
    {
      ...waveRow(wave, execution.gates, (gate) =>
        spanOf({
          startedAt: gate.openedAt,
          ...(gate.closedAt === undefined ? {} : { completedAt: gate.closedAt }),
        })!,
      ),
      actual: spanOf(wave),
      planned: planned.get(wave.waveNumber) ?? null,
    },
    ...(total > MOST_ROWS
      ? []
      : wave.technologies.map((technology) => ({
          ...technologyRow(technology),
          actual: spanOf(fromFirstAttempt(technology)),
        }))),
  ]);
}

/** Times of a technology from its first attempt on. */
function fromFirstAttempt({ startedAt, firstStartedAt = startedAt, completedAt }: TechnologyView) {
  return {
    ...(firstStartedAt === undefined ? {} : { startedAt: firstStartedAt }),
    ...(completedAt === undefined ? {} : { completedAt }),
  };
}

function moments(execution: ExecutionView): (string | undefined)[] {
  return execution.waves.flatMap((wave) =>
    [wave, ...wave.technologies].flatMap((part) => [part.startedAt, part.completedAt]),
  );
}

function waveRow(wave: WaveView, gates: readonly GateView[], spanOf: (gate: GateView) => Span) {
  const own = gates.filter(
    ({ waveNumber, kind }) => waveNumber === wave.waveNumber && kind !== 'dependencies',
  );
  return {
    kind: 'wave' as const,
    label: `${wave.waveNumber}  ${wave.name}`,
    status: wave.status,
    // A gate that opened by itself at once is no wait that an eye should look for.
    waits: own
      .map((gate) => ({ ...spanOf(gate), words: gateWords(gate) }))
      .filter(({ from, to }) => to - from >= 1_000),
  };
}

function gateWords({ kind, reason, resolution }: GateView): string {
  const end = resolution === undefined ? 'still open' : `${resolution.action} by ${resolution.by}`;
  return `${kind} gate: ${reason}; ${end}`;
}

function technologyRow(technology: TechnologyView) {
  return {
    kind: 'technology' as const,
    label: technologyName(technology),
    status: technology.status,
    planned: null,
    waits: [],
  };
}

/** When each wave was to run by its expected duration, if no one was waited for. */
function plannedSpans(waves: readonly WaveView[]): ReadonlyMap<number, Span> {
  const durations = new Map(waves.map((wave) => [wave.waveNumber, parseDuration(wave.expectedDuration)]));
  const nodes = waves.map(({ waveNumber, dependencies }) => ({
    waveNumber,
    dependencies: [...dependencies],
  }));
  const { endsAtMs } = longestPath(nodes, (waveNumber) => durations.get(waveNumber)!);
  return new Map([...endsAtMs].map(([number, to]) => [number, { from: to - durations.get(number)!, to }]));
}

function chartOf(rows: readonly Row[], objectiveMs: number | null): Chart {
  const ends = rows.flatMap(({ actual, planned, waits }) =>
    [actual, planned, ...waits].map((span) => span?.to ?? 0),
  );
  const longest = Math.max(1_000, ...ends);
  const rangeMs =
    objectiveMs !== null && objectiveMs < longest * 1.4 ? Math.max(longest, objectiveMs) : longest;
  return { rangeMs, objectiveMs, x: (ms) => round(LEFT + (ms / rangeMs) * (WIDTH - LEFT - RIGHT)) };
}

function renderFigure(
  rows: readonly Row[],
  chart: Chart,
  { index, pages, execution }: { index: number; pages: number; execution: ExecutionView },
): Html {
  const tops = [HEAD];
  for (const row of rows) tops.push(tops.at(-1)! + HEIGHTS[row.kind]);
  const height = tops.at(-1)! + 4;
  const part = pages > 1 ? `, part ${index + 1} of ${pages}` : '';
  const id = `timeline-${index}`;
  const words = rows.map(
    ({ label, status, actual }) =>
      `${label}: ${statusWords(status)}${actual === null ? '' : `, ${humanDuration(actual.to - actual.from)}`}`,
  );
  return html`<figure>
    <svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
      <title id="${id}-title">Timeline of ${execution.planName}${part}</title>
      <desc id="${id}-desc">${words.join('. ')}.</desc>
      ${renderAxis(chart, height)}${rows.map((row, nth) => renderRow(row, tops[nth]!, chart))}
    </svg>
  </figure>`;
}

function renderAxis(chart: Chart, height: number): Html {
  const ticks = ticksOf(chart.rangeMs).map((ms) => {
    const x = chart.x(ms);
    return html`<line class="grid" x1="${x}" x2="${x}" y1="${HEAD - 4}" y2="${height}" /><text
        class="soft"
        x="${x}"
        y="13"
        text-anchor="middle"
        >${tickLabel(ms, chart.rangeMs)}</text
      >`;
  });
  const { objectiveMs } = chart;
  if (objectiveMs === null || objectiveMs > chart.rangeMs) return html`${ticks}`;
  const x = chart.x(objectiveMs);
  return html`${ticks}<line class="objective" x1="${x}" x2="${x}" y1="${HEAD - 6}" y2="${height}" />`;
}

function renderRow(row: Row, top: number, chart: Chart): Html {
  const isWave = row.kind === 'wave';
  const middle = top + (isWave ? 13 : 10);
  const label = html`<text class="${isWave ? 'heavy' : 'soft'}" x="${isWave ? 0 : 20}" y="${middle + 4}"
    >${fit(row.label, isWave ? 27 : 25)}</text
  >`;
  const band = isWave
    ? html`<line class="grid" x1="0" x2="${WIDTH}" y1="${top - 1.5}" y2="${top - 1.5}" />`
    : null;
  const planned =
    row.planned === null
      ? null
      : html`<rect class="planned" ${place(row.planned, chart)} y="${top + 22}" height="6" rx="2"
          ><title>planned: ${humanDuration(row.planned.to - row.planned.from)}</title></rect
        >`;
  return html`<g>${band}${label}${renderActual(row, { top, middle }, chart)}${planned}</g>`;
}

function renderActual(row: Row, { top, middle }: { top: number; middle: number }, chart: Chart): Html {
  const isWave = row.kind === 'wave';
  if (row.actual === null) {
    return html`<text class="soft" x="${LEFT + 6}" y="${middle + 4}"
      >${glyphOf(row.status)} ${row.status === 'pending' ? 'not begun' : statusWords(row.status)}</text
    >`;
  }
  const took = humanDuration(row.actual.to - row.actual.from);
  const end = Math.max(row.actual.to, ...row.waits.map(({ to }) => to));
  const note = row.status === 'completed' ? took : `${glyphOf(row.status)} ${statusWords(row.status)}`;
  const waits = row.waits.map(
    (wait) =>
      html`<rect class="waiting" ${place(wait, chart)} y="${top + 5}" height="15" rx="2"
        ><title>${wait.words}, ${humanDuration(wait.to - wait.from)}</title></rect
      >`,
  );
  return html`<rect
      class="${row.status}${isWave ? '' : ' part'}"
      ${place(row.actual, chart)}
      y="${top + 5}"
      height="${isWave ? 15 : 10}"
      rx="2"
      ><title>${row.label}: ${statusWords(row.status)}, ${took}</title></rect
    >${waits}<text class="${isWave ? 'heavy' : 'soft'}" x="${chart.x(end) + 7}" y="${middle + 4}"
      >${note}</text
    >`;
}

/** Never thinner than what an eye can see. */
function place({ from, to }: Span, chart: Chart): Html {
  return html`x="${chart.x(from)}" width="${Math.max(2, round(chart.x(to) - chart.x(from)))}"`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function legend({ objectiveMs, rangeMs }: Chart): Html {
  const swatch = (kind: string): Html =>
    html`<svg viewBox="0 0 26 12" aria-hidden="true">
      <rect class="${kind}" x="1" y="1" width="24" height="10" rx="2" />
    </svg>`;
  const objective =
    objectiveMs === null || objectiveMs > rangeMs
      ? null
      : html`<li>
          <svg viewBox="0 0 26 12" aria-hidden="true">
            <line class="objective" x1="13" x2="13" y1="0" y2="12" /></svg
          >recovery time objective, ${humanDuration(objectiveMs)}
        </li>`;
  return html`<ul class="legend">
      <li>${swatch('completed')}at work</li>
      <li>${swatch('waiting')}waiting for people</li>
      <li>${swatch('planned')}planned</li>
      <li>${swatch('failed')}✗ failed</li>
      ${objective}
    </ul>
    ${HATCH}`;
}

/** Once a page: every figure refers to it. */
const HATCH = html`<svg width="0" height="0" style="position:absolute" aria-hidden="true">
  <defs>
    <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="6" height="6" fill="#fdf3e1" />
      <rect width="2.2" height="6" fill="#8a5300" />
    </pattern>
  </defs>
</svg>`;
