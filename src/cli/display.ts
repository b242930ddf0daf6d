import type { ExecutionEventRecord } from '#core/events.ts';
import type { ExecutionView } from '#core/view.ts';
import { humanDuration, plain } from './format.ts';
import type { IoHost } from './io-host.ts';
import { gateCommand, renderLiveView, resumeCommand } from './live-view.ts';
import type { Output } from './output.ts';
import { openGates } from './progress.ts';
import { statusGlyph, type Theme } from './theme.ts';

/** Shows an execution while it runs. */
export interface Display {
  update(params: DisplayUpdate): void;
  /** Prints a text to stay; what is drawn goes on below it. */
  print(text: string): void;
  /** Leaves what is to be kept on the screen. */
  close(): void;
}

export interface DisplayUpdate {
  readonly view: ExecutionView;
  /** Those since the last update, oldest first. */
  readonly events: readonly ExecutionEventRecord[];
  /** Milliseconds since 1970 in the time of the execution. */
  readonly now: number;
  readonly tick: number;
  /** The lines of the question at the gate that waits, if a person is being asked. */
  readonly question?: readonly string[];
}

/** What the display says besides the execution. */
export interface DisplayWords {
  /** What kind of time passes, such as `60× real time`. */
  readonly time: string;
  /** What commands need besides, such as ` --data-dir drills`. */
  readonly commandFlags: string;
}

/** `--json`: events as they stand. A terminal: the live view. Otherwise: a line an event. */
export function makeDisplay(io: IoHost, output: Output, words: DisplayWords): Display {
  if (output.json) return lineDisplay(({ events }) => events.map((event) => JSON.stringify(event)), io);
  return io.interactive ? liveDisplay(io, words) : plainDisplay(io, output.theme, words);
}

function lineDisplay(linesOf: (update: DisplayUpdate) => readonly string[], io: IoHost): Display {
  return {
    update: (update) => linesOf(update).forEach((line) => io.print(line)),
    print: (text) => io.print(text),
    close: () => {},
  };
}

/** Draws only what has changed; a change of the terminal's size is such a change. */
function liveDisplay(io: IoHost, words: DisplayWords): Display {
  const region = io.live();
  let drawn = '';
  const draw = (update: DisplayUpdate): void => {
    const { width, height } = io.size();
    const frame = Math.floor(update.tick / 2);
    const { now, question } = update;
    const asked = question === undefined ? {} : { question };
    const options = { now, width, height, color: io.color, frame, ...asked, ...words };
    const text = renderLiveView(update.view, options);
    if (text !== drawn) region.draw(text);
    drawn = text;
  };
  return {
    update: draw,
    print: (text) => {
      region.clear();
      io.print(text);
      drawn = '';
    },
    close: () => region.finish(),
  };
}

const PAUSED = 'paused by request';

/** Says once for each gate what to type, since nobody can be asked. */
function plainDisplay(io: IoHost, theme: Theme, { commandFlags }: DisplayWords): Display {
  const told = new Set<string>();
  return lineDisplay(({ view, events }) => {
    const startMs = Date.parse(view.startedAt);
    const lines = events
      .filter(({ level }) => level !== 'debug')
      .map((event) => eventLine(event, startMs, theme));
    const gates = openGates(view).filter(({ gateId }) => !told.has(gateId));
    gates.forEach(({ gateId }) => told.add(gateId));
    const commands = gates.map((gate) => gateCommand(view.executionId, gate));
    // A pause by request has no gate of its own.
    const isPaused = view.pauseRequested && view.status === 'paused' && gates.length === 0;
    if (!isPaused) told.delete(PAUSED);
    else if (!told.has(PAUSED)) commands.push(resumeCommand(view.executionId));
    if (isPaused) told.add(PAUSED);
    return [...lines, ...commands.map((command) => `${' '.repeat(12)}to go on: ${command}${commandFlags}`)];
  }, io);
}

/** One event for people: when (from the start), a mark for its level, and its words. */
export function eventLine(event: ExecutionEventRecord, startMs: number, theme: Theme): string {
  const when = `+${humanDuration(Date.parse(event.at) - startMs)}`.padStart(9);
  return `${theme.quiet(when)} ${markOf(event, theme)} ${plain(event.message)}`;
}

function markOf({ code, level }: ExecutionEventRecord, theme: Theme): string {
  if (code.endsWith('Completed')) return statusGlyph('completed', theme);
  if (level === 'error') return statusGlyph('failed', theme);
  return level === 'warning' ? theme.attention('!') : theme.quiet('·');
}
