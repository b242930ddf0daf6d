import Table from 'cli-table3';
import type { IoHost } from './io-host.ts';
import { makeTheme, type Theme } from './theme.ts';

/** Where a command writes. With `--json`, stdout holds JSON alone and words go to stderr. */
export interface Output {
  readonly json: boolean;
  readonly theme: Theme;
  /** Words for a person. */
  message(text: string): void;
  /** The data that the command was asked for: one line of JSON, or the words for a person. */
  data(value: unknown, words: () => string): void;
}

/** The output of a command on a terminal. */
export function makeOutput(io: IoHost, json: boolean): Output {
  return {
    json,
    theme: makeTheme(io.color),
    message: (text) => (json ? io.note(text) : io.print(text)),
    data: (value, words) => io.print(json ? JSON.stringify(value) : words()),
  };
}

export interface TableShape {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Numbers of the columns that hold numbers, from 0. */
  readonly right?: readonly number[];
  readonly theme: Theme;
}

/** A table without borders: a quiet head, two spaces between the columns. */
export function renderTable({ head, rows, right = [], theme }: TableShape): string {
  const sides = ['top', 'bottom', 'left', 'right', 'mid'] as const;
  const corners = ['top-mid', 'top-left', 'top-right', 'bottom-mid', 'bottom-left', 'bottom-right'] as const;
  const inner = ['left-mid', 'mid-mid', 'right-mid'] as const;
  const table = new Table({
    head: head.map((title) => theme.quiet(title)),
    chars: {
      ...Object.fromEntries([...sides, ...corners, ...inner].map((name) => [name, ''])),
      middle: '  ',
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map((_, index) => (right.includes(index) ? 'right' : 'left')),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
