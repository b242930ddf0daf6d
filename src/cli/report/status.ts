import { statusWords } from '../theme.ts';
import { html, type Html } from './html.ts';

const MARKS: Readonly<Record<string, { glyph: string; tone: 'good' | 'bad' | 'attention' | 'active' }>> = {
  completed: { glyph: '✓', tone: 'good' },
  assessed: { glyph: '◇', tone: 'good' },
  failed: { glyph: '✗', tone: 'bad' },
  skipped: { glyph: '»', tone: 'attention' },
  cancelled: { glyph: '⊘', tone: 'attention' },
  paused: { glyph: '‖', tone: 'attention' },
  pending: { glyph: '○', tone: 'active' },
};
const AT_WORK = { glyph: '◐', tone: 'active' } as const;

/** A status as glyph and word. */
export function status(value: string): Html {
  const { glyph, tone } = MARKS[value] ?? AT_WORK;
  return html`<span class="status ${tone}"
    ><span aria-hidden="true">${glyph}</span> ${statusWords(value)}</span
  >`;
}

/** The glyph alone, where the word stands beside it. */
export function glyphOf(value: string): string {
  return (MARKS[value] ?? AT_WORK).glyph;
}
