/**
 * Random numbers that depend on a seed and a name alone: the same world gives the same numbers in whatever order
 * requests arrive, and after a restart.
 */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** In [low, high). */
  uniform(low: number, high: number): number;
  /** A lognormal value with this median; `sigma` is the standard deviation of its logarithm. */
  lognormal(median: number, sigma: number): number;
  chance(probability: number): boolean;
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string;
}

export function randomOf(seed: number, name: string): Random {
  let state = hash(`${seed}:${name}`);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    uniform: (low, high) => low + next() * (high - low),
    lognormal: (median, sigma) => median * Math.exp(sigma * normal(next)),
    chance: (probability) => next() < probability,
    hex: (digits) => {
      let text = '';
      for (let i = 0; i < digits; i++) text += DIGITS[Math.floor(next() * 16)];
      return text;
    },
  };
}

const DIGITS = '0123456789abcdef';

/** Box-Muller. */
function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** FNV-1a with a final mix. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
}
