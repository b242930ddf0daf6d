import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Document,
  type LineCounter,
  type Pair,
  type YAMLMap,
} from 'yaml';

/** A place in a text file, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * Where a path such as `waves[1].technologies[0].type` or `scripts["start.sh"].targets` stands in a YAML document. A
 * path that leads to something missing gives the nearest parent that is there; `null` when the document is empty.
 */
export function placeInYaml(document: Document, lines: LineCounter, path: string): Place | null {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  let rest = path;
  while (rest !== '') {
    const step = stepInto(resolve(node, document), rest, document);
    if (step === null) break;
    offset = step.offset ?? offset;
    [node, rest] = [step.node, step.rest];
  }
  if (offset === undefined) return null;
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

interface Step {
  readonly node: unknown;
  readonly offset: number | undefined;
  readonly rest: string;
}

function stepInto(node: unknown, rest: string, document: Document): Step | null {
  if (isSeq(node)) {
    const match = /^\[(\d+)\]/.exec(rest);
    const item = match === null ? undefined : node.items[Number(match[1])];
    return match === null || !isNode(item)
      ? null
      : { node: item, offset: item.range?.[0], rest: rest.slice(match[0].length) };
  }
  return isMap(node) ? stepIntoMap(pairsOf(node, document), rest) : null;
}

/** The pairs of a mapping, its own before those that it merges (`<<`). */
function pairsOf(map: YAMLMap, document: Document): Pair[] {
  const [merges, own] = [map.items.filter(isMerge), map.items.filter((pair) => !isMerge(pair))];
  const sources = merges.flatMap(({ value }) => {
    const merged = resolve(value, document);
    return isSeq(merged) ? merged.items : [merged];
  });
  const maps = sources.map((source) => resolve(source, document)).filter((source) => isMap(source));
  return [...own, ...maps.flatMap((source) => pairsOf(source, document))];
}

/** The key of a merge is a symbol; `"<<"` in quotes is a field of that name. */
function isMerge({ key }: Pair): boolean {
  return isScalar(key) && typeof key.value === 'symbol';
}

/** Keys may hold dots, and adapters write `scripts.start.sh` without quotes: the longest key that fits wins. */
function stepIntoMap(pairs: readonly Pair[], rest: string): Step | null {
  const found = pairs
    .map((pair) => ({ pair, length: lengthOfKey(keyOf(pair), rest) }))
    .sort((a, b) => b.length - a.length)[0];
  if (found === undefined || found.length === 0) return null;
  const { key, value } = found.pair;
  const pointsAtValue = isScalar(value) && value.value !== null;
  const marked = pointsAtValue ? value : key;
  return {
    node: value,
    offset: isNode(marked) ? marked.range?.[0] : undefined,
    rest: rest.slice(found.length),
  };
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

/** How many characters of `rest` name this key; 0 when it is another key. */
function lengthOfKey(key: string, rest: string): number {
  const written = [`[${JSON.stringify(key)}]`, `.${key}`, key].find(
    (text) => rest === text || (rest.startsWith(text) && '.['.includes(rest[text.length]!)),
  );
  return written?.length ?? 0;
}

function resolve(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}
