import type { GateAction, GateView } from '#core/view.ts';
import { plain } from './format.ts';
import type { Key } from './io-host.ts';
import type { Theme } from './theme.ts';

/**
 * The question at a gate, as a state that keys change: the live view draws its lines and goes on meanwhile. Pure.
 */
export type GateQuestion =
  | { readonly gate: GateView; readonly step: 'choose'; readonly index: number }
  | {
      readonly gate: GateView;
      readonly step: 'reason';
      readonly index: number;
      readonly action: GateAction;
      readonly text: string;
    };

/** What a key led to: a changed question, an answer, a wish to see everything, or that the person leaves. */
export type Pressed =
  | { readonly kind: 'asking'; readonly question: GateQuestion }
  | { readonly kind: 'answer'; readonly action: GateAction; readonly reason?: string }
  | { readonly kind: 'show' }
  | { readonly kind: 'left' };

const CHOICES: Readonly<Record<GateAction | 'show', { name: string; description: string }>> = {
  resume: { name: 'Resume', description: 'What was to be looked at is in order: go on.' },
  retry: { name: 'Retry', description: 'Start again what failed, and only that.' },
  skip: {
    name: 'Skip',
    description: 'Go on without it. The reason goes on record, and the outcome says so.',
  },
  cancel: { name: 'Cancel the execution', description: 'Stop gracefully: running work ends, clean-up runs.' },
  approve: { name: 'Approve', description: 'Let it begin. Your name goes on record.' },
  reject: { name: 'Reject', description: 'Do not let it begin. The reason goes on record.' },
  show: { name: 'Show', description: 'See all servers first.' },
};

/** The question as it is first asked. */
export function askAtGate(gate: GateView): GateQuestion {
  return { gate, step: 'choose', index: 0 };
}

/** What a key does to the question. */
export function pressKey(question: GateQuestion, key: Key): Pressed {
  if (key.ctrl && key.name === 'c') return { kind: 'left' };
  return question.step === 'choose' ? pressChoice(question, key) : pressReason(question, key);
}

function pressChoice(question: GateQuestion & { step: 'choose' }, { name }: Key): Pressed {
  const choices = choicesAt(question.gate);
  const move = (by: number): Pressed => {
    const index = (question.index + by + choices.length) % choices.length;
    return { kind: 'asking', question: { ...question, index } };
  };
  if (name === 'left' || name === 'up') return move(-1);
  if (name === 'right' || name === 'down' || name === 'tab') return move(1);
  if (name !== 'return' && name !== 'enter') return { kind: 'asking', question };
  const action = choices[question.index]!;
  if (action === 'show') return { kind: 'show' };
  if (action !== 'skip' && action !== 'reject') return { kind: 'answer', action };
  return { kind: 'asking', question: { ...question, step: 'reason', action, text: '' } };
}

function pressReason(question: GateQuestion & { step: 'reason' }, { name, text, ctrl }: Key): Pressed {
  const write = (written: string): Pressed => ({ kind: 'asking', question: { ...question, text: written } });
  if (name === 'escape')
    return { kind: 'asking', question: { ...askAtGate(question.gate), index: question.index } };
  if (name === 'backspace') return write(Array.from(question.text).slice(0, -1).join(''));
  if (ctrl && name === 'u') return write('');
  if (name !== 'return' && name !== 'enter') return write(question.text + text);
  const reason = question.text.trim();
  // An empty reason is none.
  return reason === '' ? write('') : { kind: 'answer', action: question.action, reason };
}

/** The question in two lines. */
export function questionLines(question: GateQuestion, theme: Theme): string[] {
  if (question.step === 'reason') {
    const name = CHOICES[question.action].name;
    return [
      `  ${theme.strong(`${name}: why?`)} ${plain(question.text)}▏`,
      theme.quiet('  Goes on record. Enter: done. Esc: back.'),
    ];
  }
  const choices = choicesAt(question.gate);
  const words = choices.map((choice, index) => {
    const { name } = CHOICES[choice];
    return index === question.index ? theme.active(`❯ ${name}`) : `  ${name}`;
  });
  const { description } = CHOICES[choices[question.index]!];
  return [`  ${words.join('  ')}`, theme.quiet(`  ${description} (arrow keys, Enter)`)];
}

function choicesAt({ actions }: GateView): (GateAction | 'show')[] {
  return [...actions, 'show'];
}
