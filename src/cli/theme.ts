import { Chalk } from 'chalk';

/** What a colour means. Without colour every function gives its text back: nothing is said by colour alone. */
export interface Theme {
  readonly good: Paint;
  readonly bad: Paint;
  readonly attention: Paint;
  readonly active: Paint;
  readonly quiet: Paint;
  readonly strong: Paint;
}

type Paint = (text: string) => string;

/** The sixteen colours of the terminal, so that its own scheme decides about contrast. */
export function makeTheme(color: boolean): Theme {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  return {
    good: chalk.green,
    bad: chalk.red,
    attention: chalk.yellow,
    active: chalk.cyan,
    quiet: chalk.dim,
    strong: chalk.bold,
  };
}

const SPINNER = ['◐', '◓', '◑', '◒'] as const;

/** The glyph of a status of an execution, wave, technology or resource. `frame` turns the wheel of what is at work. */
export function statusGlyph(status: string, theme: Theme, frame = 0): string {
  switch (status) {
    case 'completed':
      return theme.good('✓');
    case 'failed':
      return theme.bad('✗');
    case 'in_progress':
    case 'planning':
    case 'wave_complete':
      return theme.active(SPINNER[frame % SPINNER.length]!);
    case 'paused':
      return theme.attention('‖');
    case 'skipped':
      return theme.attention('»');
    case 'cancelled':
      return theme.attention('⊘');
    case 'assessed':
      return theme.good('◇');
    default:
      return theme.quiet('○');
  }
}

/** A status in words: `in progress`. */
export function statusWords(status: string): string {
  return status.replaceAll('_', ' ');
}
