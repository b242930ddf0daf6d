/** `App.Company.com` becomes `app.company.com.`; `*` becomes `\052`, as the API writes it. */
export function normalName(name: string): string {
  const lower = name.toLowerCase().replaceAll('*', '\\052');
  return lower.endsWith('.') ? lower : `${lower}.`;
}

/** The key that names are sorted by: labels reversed, with the dot at the end, which takes part in the comparison. */
export function reversedName(name: string): string {
  return `${name.split('.').slice(0, -1).toReversed().join('.')}.`;
}

export function liesIn(name: string, zoneName: string): boolean {
  return name === zoneName || name.endsWith(`.${zoneName}`);
}

/** By code unit, as Route 53 does; `localeCompare` would put the dash elsewhere. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
