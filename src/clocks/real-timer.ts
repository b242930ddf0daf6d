/** `setTimeout` fires at once for delays above 2^31-1 ms; longer ones are cut into pieces. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls `callback` when `remainingMs()` has fallen to zero. Returns the way to cancel. */
export function realTimer(remainingMs: () => number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const ms = remainingMs();
    timer = setTimeout(
      () => (remainingMs() > 0 ? arm() : callback()),
      Math.min(Math.max(Math.ceil(ms), 0), LONGEST_MS),
    );
  };
  arm();
  return () => clearTimeout(timer);
}
