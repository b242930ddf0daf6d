import { missing, OutputError, readText, wrongOutput, writeText } from './scalars.ts';
import type { Member, Shape, StructureShape } from './shapes.ts';

/** An element as `parseXML` answers it: text, or an object of its children (a list of them where a name repeats). */
type Element = string | { readonly [name: string]: Element | readonly Element[] };

/** Reads some members of a structure from the children of an element. */
export function readXmlMembers(members: readonly Member[], element: unknown): Record<string, unknown> {
  const children =
    element !== null && typeof element === 'object' ? (element as Record<string, Element>) : {};
  const result: Record<string, unknown> = {};
  for (const member of members) {
    const child = children[member.traits.xmlName ?? member.name];
    if (child !== undefined) result[member.name] = readElement(member, child);
    else if (member.required) throw missing(member.name);
  }
  return result;
}

function readElement(member: Member, element: Element | readonly Element[]): unknown {
  const { shape } = member;
  switch (shape.kind) {
    case 'structure':
      return readXmlMembers(shape.members, element);
    case 'list': {
      const isFlat = member.merged.xmlFlattened !== undefined;
      const items = isFlat ? element : childOf(element, shape.item.merged.xmlName ?? 'member');
      return asArray(items).map((item) => readElement(shape.item, item));
    }
    case 'map': {
      const entries = asArray(member.merged.xmlFlattened === undefined ? childOf(element, 'entry') : element);
      return Object.fromEntries(
        entries.map((entry) => [
          textOf(childOf(entry, shape.key.merged.xmlName ?? 'key')),
          readElement(shape.value, childOf(entry, shape.value.merged.xmlName ?? 'value') ?? ''),
        ]),
      );
    }
    default:
      return readText(shape, textOf(element), member.name, 'date-time');
  }
}

function childOf(
  element: Element | readonly Element[],
  name: string,
): Element | readonly Element[] | undefined {
  return typeof element === 'object' ? (element as Record<string, Element>)[name] : undefined;
}

function asArray(element: Element | readonly Element[] | undefined): readonly Element[] {
  if (element === undefined) return [];
  return Array.isArray(element) ? (element as readonly Element[]) : [element as Element];
}

/** An element with attributes comes as an object with its text under `#text`. */
function textOf(found: Element | readonly Element[] | undefined): string {
  if (found === undefined) return '';
  return typeof found === 'string' ? found : textOf((found as Record<string, Element>)['#text']);
}

/** Writes the members of a structure as elements, in the order of the value. `only` restricts them (HTTP bindings). */
export function writeXmlMembers(shape: StructureShape, value: unknown, only?: ReadonlySet<string>): string {
  if (value === null || typeof value !== 'object') throw wrongOutput(shape.name, 'an object', value);
  let xml = '';
  for (const name in value) {
    const each = (value as Record<string, unknown>)[name];
    if (each === undefined || each === null) continue;
    const member = shape.byName.get(name);
    if (member === undefined) throw new OutputError(`${shape.name} has no member ${name}`);
    if (only === undefined || only.has(name)) xml += writeMember(member, each);
  }
  return xml;
}

function writeMember(member: Member, value: unknown): string {
  const { shape } = member;
  const tag = member.traits.xmlName ?? member.name;
  const isFlat = member.merged.xmlFlattened !== undefined;
  if (shape.kind === 'list' && isFlat) return writeItems(shape.item, value, tag);
  if (shape.kind === 'map' && isFlat) return writeEntries(shape.key, shape.value, value, tag);
  return writeElement(tag, writeContent(shape, value, member.name));
}

function writeContent(shape: Shape, value: unknown, name: string): string {
  switch (shape.kind) {
    case 'structure':
      return writeXmlMembers(shape, value);
    case 'list':
      return writeItems(shape.item, value, shape.item.merged.xmlName ?? 'member');
    case 'map':
      return writeEntries(shape.key, shape.value, value, 'entry');
    default:
      return escapeXml(writeText(shape, value, name, 'date-time'));
  }
}

function writeItems(item: Member, value: unknown, tag: string): string {
  if (!Array.isArray(value)) throw wrongOutput(tag, 'a list', value);
  let xml = '';
  for (const each of value) xml += writeElement(tag, writeContent(item.shape, each, tag));
  return xml;
}

function writeEntries(key: Member, value: Member, map: unknown, tag: string): string {
  if (map === null || typeof map !== 'object') throw wrongOutput(tag, 'an object', map);
  return Object.entries(map)
    .map(([name, each]) =>
      writeElement(
        tag,
        writeElement(key.merged.xmlName ?? 'key', escapeXml(name)) +
          writeElement(value.merged.xmlName ?? 'value', writeContent(value.shape, each, name)),
      ),
    )
    .join('');
}

export function writeElement(tag: string, content: string, namespace?: string): string {
  const attribute = namespace === undefined ? '' : ` xmlns="${namespace}"`;
  return `<${tag}${attribute}>${content}</${tag}>`;
}

const SPECIAL = /[&<>"\r]/;

export function escapeXml(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#xD;');
}
