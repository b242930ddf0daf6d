import { parseDuration } from '#core/duration.ts';
import type { ExecutionView, GateView, TechnologyView, WaveView } from '#core/view.ts';
import { column, fit, humanDuration, humanIso, plain, spread } from './format.ts';
import {
  countStatuses,
  elapsedMs,
  openGates,
  progressOf,
  resourceLines,
  technologyName,
  type ResourceLine,
} from './progress.ts';
import { makeTheme, statusGlyph, statusWords, type Theme } from './theme.ts';

export interface LiveViewOptions {
  /** Milliseconds since 1970 in the time of the execution. */
  readonly now: number;
  readonly width: number;
  readonly height: number;
  readonly color: boolean;
  /** Counts up by one a drawing; turns the wheels. */
  readonly frame: number;
  /** No process works on it: it stands still. */
  readonly nobodyRuns?: boolean;
  /** What kind of time passes, such as `60× real time`. */
  readonly time?: string;
  /** What commands need besides, such as ` --data-dir drills`. */
  readonly commandFlags?: string;
  /** The lines of the question that stands at the foot, in place of the command for another terminal. */
  readonly question?: readonly string[];
  /** Every resource on a line of its own, however many lines that makes. */
  readonly everything?: boolean;
}

interface Canvas extends LiveViewOptions {
  readonly theme: Theme;
}

/**
 * The whole state of an execution as lines of at most `width` columns, fewer than `height` of them: in a small terminal
 * first the servers become counts, then waves without work lose their technologies, at last waves far from the work are left out.
 */
export function renderLiveView(view: ExecutionView, options: LiveViewOptions): string {
  const canvas: Canvas = { ...options, theme: makeTheme(options.color) };
  const head = headLines(view, canvas);
  const gates = openGates(view);
  const foot =
    gates.length === 0
      ? pausedLines(view, canvas)
      : [...gates.flatMap((gate) => gateLines(view, gate, canvas)), ...(options.question ?? [])];
  const room = Math.max(3, options.height - 1 - head.length - foot.length);
  const body = bodyLines(view, canvas, room);
  return [...head, ...body, ...foot].map((line) => fit(line, options.width)).join('\n');
}

function headLines(view: ExecutionView, canvas: Canvas): string[] {
  const { theme, width, now } = canvas;
  const title = [theme.strong(plain(view.planName)), view.mode, theme.quiet(view.executionId)].join(' · ');
  const elapsed = elapsedMs(view, now) ?? 0;
  const times = `${humanDuration(elapsed)} elapsed, ${humanIso(view.expectedDuration)} expected`;
  const asked = view.cancelRequested ? 'cancelling' : view.pauseRequested ? 'pause requested' : '';
  const alone = canvas.nobodyRuns === true ? ' (nobody runs it)' : '';
  const status = `${statusWords(view.status)}${asked === '' ? '' : `, ${asked}`}${alone}`;
  return [
    spread(
      `${statusGlyph(view.status, theme, canvas.frame)} ${title}`,
      theme.quiet(canvas.time ?? ''),
      width,
    ),
    spread(`  ${status} · ${times}`, objectiveBar(view, elapsed, canvas), width),
    '',
  ];
}

/** How much of the recovery time objective is used up. */
function objectiveBar(view: ExecutionView, elapsed: number, { theme, width }: Canvas): string {
  if (view.objectives.rto === undefined) return '';
  const objective = parseDuration(view.objectives.rto);
  const over = elapsed > objective;
  const paint = over ? theme.bad : elapsed > objective * 0.8 ? theme.attention : theme.good;
  const words = over ? `over by ${humanDuration(elapsed - objective)}` : humanDuration(objective);
  const bar = width < 90 ? '' : `${progressBar(elapsed / Math.max(1, objective), 20, paint, theme)} `;
  return `${bar}${over ? paint(`RTO ${words}`) : `RTO ${words}`}`;
}

function progressBar(share: number, width: number, paint: (text: string) => string, theme: Theme): string {
  const filled = Math.min(width, Math.floor(share * width));
  return paint('━'.repeat(filled)) + theme.quiet('─'.repeat(width - filled));
}

function bodyLines(view: ExecutionView, canvas: Canvas, room: number): string[] {
  if (canvas.everything === true) return view.waves.flatMap((wave) => waveLines(wave, canvas, 'everything'));
  for (const detail of ['servers', 'counts', 'active'] as const) {
    const lines = view.waves.flatMap((wave) => waveLines(wave, canvas, detail));
    if (lines.length <= room) return lines;
  }
  return windowLines(view, canvas, room);
}

type Detail = 'everything' | 'servers' | 'counts' | 'active';

/** The waves around the first one that is not complete, and how many there are before and after. */
function windowLines(view: ExecutionView, canvas: Canvas, room: number): string[] {
  const { theme } = canvas;
  const blocks = view.waves.map((wave) => waveLines(wave, canvas, 'active'));
  const first = Math.max(
    0,
    view.waves.findIndex((wave) => wave.status !== 'completed'),
  );
  const lines: string[] = first > 0 ? [theme.quiet(`  ✓ ${first} waves before, all complete`)] : [];
  let index = first;
  while (index < blocks.length && lines.length + blocks[index]!.length < room)
    lines.push(...blocks[index++]!);
  const after = blocks.length - index;
  return after === 0 ? lines : [...lines, theme.quiet(`  ○ ${after} more waves`)].slice(0, room);
}

function waveLines(wave: WaveView, canvas: Canvas, detail: Detail): string[] {
  const { theme, width, frame } = canvas;
  const isActive = wave.status === 'in_progress' || wave.status === 'paused' || wave.status === 'failed';
  const name = `${String(wave.waveNumber).padStart(2)}  ${plain(wave.name)}`;
  const title = isActive ? theme.strong(name) : wave.status === 'pending' ? theme.quiet(name) : name;
  const hint = wave.status === 'pending' ? theme.quiet(waitsFor(wave)) : '';
  const line = spread(
    `${statusGlyph(wave.status, theme, frame)} ${title}${hint}`,
    spanWords(wave, canvas),
    width,
  );
  if (detail === 'active' && !isActive) return [line];
  return [line, ...wave.technologies.flatMap((technology) => technologyLines(technology, canvas, detail))];
}

function waitsFor(wave: WaveView): string {
  if (wave.dependencies.length === 0) return '';
  const numbers =
    wave.dependencies.length > 4 ? `${wave.dependencies.length} waves` : wave.dependencies.join(', ');
  return `  after ${numbers}`;
}

/** `4m 10s / 5m`: what it has taken and what it was expected to take. */
function spanWords(wave: WaveView | TechnologyView, { now, theme }: Canvas): string {
  const elapsed = elapsedMs(wave, now);
  const expected = theme.quiet(`/ ${humanIso(wave.expectedDuration).padStart(7)}`);
  return `${elapsed === null ? theme.quiet('–') : humanDuration(elapsed)} ${expected}`;
}

function technologyLines(technology: TechnologyView, canvas: Canvas, detail: Detail): string[] {
  const { theme, width, frame } = canvas;
  const resources = resourceLines(technology);
  const name = column(plain(technologyName(technology)), width < 90 ? 22 : 30);
  const attempt = technology.attempt > 1 ? theme.attention(`attempt ${technology.attempt}  `) : '';
  const said =
    technology.error?.message ?? (technology.status === 'in_progress' ? technology.detail : '') ?? '';
  const left = `     ${statusGlyph(technology.status, theme, frame)} ${name} ${progressWords(technology, resources, canvas)}  ${attempt}${theme.quiet(plain(said))}`;
  const line = spread(
    left.trimEnd(),
    technology.status === 'pending' ? '' : spanWords(technology, canvas),
    width,
  );
  return [line, ...serverLines(technology, resources, canvas, detail)];
}

function progressWords(
  technology: TechnologyView,
  resources: readonly ResourceLine[],
  canvas: Canvas,
): string {
  const { done, failed, total } = progressOf(resources);
  if (total === 0) return '';
  // Where none is recovered, that says it.
  const words = `${done} of ${total}${failed > 0 && done > 0 ? `, ${failed} failed` : ''}`;
  if (technology.status !== 'in_progress' || total === 1 || canvas.width < 90) return words;
  return `${progressBar(done / total, 12, canvas.theme.active, canvas.theme)} ${words}`;
}

const MOST_SERVERS = 10;

/** Servers while there is something to see: at work or failed. Few: one a line. Many: counts, and the first that failed. */
function serverLines(
  technology: TechnologyView,
  resources: readonly ResourceLine[],
  canvas: Canvas,
  detail: Detail,
): string[] {
  if (detail === 'everything') return resources.map((resource) => serverLine(resource, canvas));
  const failed = resources.filter(({ status }) => status === 'failed');
  const isInteresting = technology.status === 'in_progress' || failed.length > 0;
  if (!isInteresting || resources.length === 0) return [];
  if (detail === 'servers' && resources.length <= MOST_SERVERS) {
    return resources.map((resource) => serverLine(resource, canvas));
  }
  const shown = detail === 'active' ? failed.slice(0, 1) : failed.slice(0, 3);
  const counts = resources.length === 1 ? [] : [countsLine(resources, canvas)];
  return [...counts, ...shown.map((resource) => serverLine(resource, canvas))];
}

function serverLine({ name, status, detail }: ResourceLine, { theme, frame }: Canvas): string {
  const words = plain(detail) || statusWords(status);
  return `         ${statusGlyph(status, theme, frame)} ${column(plain(name), 26)} ${theme.quiet(words)}`;
}

function countsLine(resources: readonly ResourceLine[], { theme, frame }: Canvas): string {
  const counts = [...countStatuses(resources)].map(
    ([status, count]) => `${statusGlyph(status, theme, frame)} ${count} ${statusWords(status)}`,
  );
  return `         ${counts.join('   ')}`;
}

/** Why it waits, and what to type from another terminal. */
function gateLines(
  view: ExecutionView,
  gate: GateView,
  { theme, width, now, question, commandFlags = '' }: Canvas,
): string[] {
  const waited = humanDuration(elapsedMs({ startedAt: gate.openedAt }, now) ?? 0);
  const who = gate.waveNumber === 0 ? 'The execution' : `Wave ${gate.waveNumber}`;
  const title = `‖ ${who} waits for a person: ${plain(gate.reason)}${approvalWords(gate)}`;
  return [
    '',
    spread(theme.attention(title), theme.quiet(`for ${waited}`), width),
    ...(question === undefined ? [`  ${gateCommand(view.executionId, gate)}${commandFlags}`] : []),
  ];
}

/** How far an approval has come. */
function approvalWords({ approval }: GateView): string {
  if (approval === undefined) return '';
  const { approvals, required, difference } = approval;
  const changed = difference === undefined ? '' : '; what is to be approved has changed';
  return ` (${approvals.length} of ${required} given${changed})`;
}

/** A pause by request has no gate of its own. */
function pausedLines(view: ExecutionView, { theme, commandFlags = '' }: Canvas): string[] {
  if (!view.pauseRequested || view.status !== 'paused') return [];
  const title = theme.attention('‖ Paused by request: no wave begins until someone resumes');
  return ['', title, `  ${resumeCommand(view.executionId)}${commandFlags}`];
}

/** The command that a person types to open a gate. */
export function gateCommand(executionId: string, gate: GateView): string {
  if (gate.kind === 'pause') return resumeCommand(executionId);
  return `breakwater executions decide ${executionId} --gate ${gate.gateId} --action ${gate.actions.join('|')}`;
}

/** The command that a person types to take back a pause. */
export function resumeCommand(executionId: string): string {
  return `breakwater executions resume ${executionId}`;
}
