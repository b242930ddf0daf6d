/** An ISO 8601 duration as DRS writes them: `P0D`, `PT42S`, `P1DT2H`. */
export function isoDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'D'],
    [Math.floor(seconds / 3600) % 24, 'H'],
    [Math.floor(seconds / 60) % 60, 'M'],
    [Math.floor(seconds) % 60, 'S'],
  ] as const;
  const [days, ...time] = parts.map(([value, unit]) => (value === 0 ? '' : `${value}${unit}`));
  const clock = time.join('');
  if (days === '' && clock === '') return 'P0D';
  return `P${days}${clock === '' ? '' : `T${clock}`}`;
}
