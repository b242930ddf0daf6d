/** Markup that is safe to stand in a page. Only `html` makes it. */
export interface Html {
  readonly markup: string;
}

type Value = string | number | Html | null | undefined | readonly Value[];

/**
 * A template whose values are escaped, unless they are markup themselves; lists are joined, absent values leave nothing. The
 * template's own line breaks and indents become a space, so that it can be written to be read.
 */
export function html(template: TemplateStringsArray, ...values: readonly Value[]): Html {
  const parts = compactParts(template);
  return { markup: parts.reduce((text, part, index) => `${text}${markupOf(values[index - 1])}${part}`) };
}

const compacted = new WeakMap<TemplateStringsArray, readonly string[]>();

function compactParts(template: TemplateStringsArray): readonly string[] {
  const known = compacted.get(template);
  if (known !== undefined) return known;
  const parts = template.map((part) => part.replace(/\s*\n\s*/g, ' ').replace(/ (\/?>)/g, '$1'));
  compacted.set(template, parts);
  return parts;
}

function markupOf(value: Value): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'number') return String(value);
  return isList(value) ? value.map(markupOf).join('') : value.markup;
}

function isList(value: Html | readonly Value[]): value is readonly Value[] {
  return Array.isArray(value);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters are not allowed in HTML; those that turn the reading direction could make a name lie. */
function escape(text: string): string {
  return text
    .replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, ' ')
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
