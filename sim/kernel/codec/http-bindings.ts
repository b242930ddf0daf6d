import { missing, readText, writeText } from './scalars.ts';
import type { Member, SimpleShape, StructureShape, TimestampFormat } from './shapes.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import type { Route, WireRequest } from './wire.ts';

/** The members of an input or output, by the place in the HTTP message where they stand. */
export interface Bindings {
  readonly labels: readonly Member[];
  readonly query: readonly Member[];
  readonly headers: readonly Member[];
  readonly payload: Member | undefined;
  readonly statusCode: Member | undefined;
  readonly body: readonly Member[];
  readonly bodyNames: ReadonlySet<string>;
}

const known = new WeakMap<StructureShape, Bindings>();

export function bindingsOf(shape: StructureShape): Bindings {
  let bindings = known.get(shape);
  if (bindings === undefined) known.set(shape, (bindings = sortMembers(shape)));
  return bindings;
}

function sortMembers({ members }: StructureShape): Bindings {
  const having = (
    trait: 'httpLabel' | 'httpQuery' | 'httpHeader' | 'httpPayload' | 'httpResponseCode',
  ): Member[] => members.filter(({ merged }) => merged[trait] !== undefined);
  const [labels, query, headers, payloads, codes] = [
    having('httpLabel'),
    having('httpQuery'),
    having('httpHeader'),
    having('httpPayload'),
    having('httpResponseCode'),
  ];
  const bound = new Set([labels, query, headers, payloads, codes].flat());
  const body = payloads.length > 0 ? [] : members.filter((member) => !bound.has(member));
  const bodyNames = new Set(body.map(({ name }) => name));
  return { labels, query, headers, payload: payloads[0], statusCode: codes[0], body, bodyNames };
}

/** A path template `/tags/{resourceArn}` with the parameters that its query has to have. */
interface Template {
  readonly method: string;
  readonly segments: readonly string[];
  readonly query: readonly (readonly [string, string])[];
  readonly name: string;
}

const templates = new WeakMap<ServiceModel, Template[]>();

/** Finds the operation by method, path and query; the most specific template wins. */
export function routeByPath(model: ServiceModel, request: WireRequest): Route | null {
  let all = templates.get(model);
  if (all === undefined) templates.set(model, (all = templatesOf(model)));
  const segments = splitPath(request.path);
  for (const template of all) {
    if (template.method !== request.method) continue;
    const labels = matchSegments(template.segments, segments);
    const isQueryMet = template.query.every(([name, value]) =>
      request.query.some(([given, text]) => given === name && (value === '' || text === value)),
    );
    if (labels !== null && isQueryMet) return { operation: model.operation(template.name)!, labels };
  }
  return null;
}

function templatesOf(model: ServiceModel): Template[] {
  const labelsIn = ({ segments }: Template): number =>
    segments.filter((segment) => segment.startsWith('{')).length;
  return model.operationNames
    .flatMap((name): Template[] => {
      const http = model.operation(name)?.traits.http;
      if (http === undefined) return [];
      const [path, query = ''] = http[1].split('?') as [string, string?];
      return [{ method: http[0], segments: splitPath(path), query: [...new URLSearchParams(query)], name }];
    })
    .sort((a, b) => labelsIn(a) - labelsIn(b) || b.query.length - a.query.length);
}

/** Callers may end a path with a slash. */
function splitPath(path: string): string[] {
  const segments = path.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  return segments;
}

function matchSegments(template: readonly string[], path: readonly string[]): Record<string, string> | null {
  const labels: Record<string, string> = {};
  for (const [index, segment] of template.entries()) {
    const given = path[index];
    if (given === undefined) return null;
    if (segment.startsWith('{') && segment.endsWith('+}')) {
      labels[segment.slice(1, -2)] = decodeURIComponent(path.slice(index).join('/'));
      return labels;
    }
    if (segment.startsWith('{')) labels[segment.slice(1, -1)] = decodeURIComponent(given);
    else if (segment !== given) return null;
  }
  return template.length === path.length ? labels : null;
}

/** Reads what stands in the path, the query and the headers. */
export function readBindings(
  { labels, query, headers }: Bindings,
  route: Route,
  request: WireRequest,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const put = (member: Member, texts: readonly string[], format: TimestampFormat): void => {
    if (texts.length > 0) result[member.name] = readTexts(member, texts, format);
    else if (member.required) throw missing(member.name);
  };
  for (const member of labels) put(member, asList(route.labels?.[member.name]), 'date-time');
  for (const member of query) put(member, valuesOf(request.query, member.merged.httpQuery!), 'date-time');
  for (const member of headers)
    put(member, asList(request.headers[member.merged.httpHeader!.toLowerCase()]), 'http-date');
  return result;
}

function readTexts(member: Member, texts: readonly string[], format: TimestampFormat): unknown {
  const { shape } = member;
  if (shape.kind === 'list') {
    return texts.map((text) => readText(shape.item.shape as SimpleShape, text, member.name, format));
  }
  return readText(shape as SimpleShape, texts[0]!, member.name, format);
}

function asList(text: string | undefined): string[] {
  return text === undefined ? [] : [text];
}

function valuesOf(query: WireRequest['query'], name: string): string[] {
  return query.filter(([given]) => given === name).map(([, value]) => value);
}

/** Status and headers of an answer, from the members that are bound to them. */
export function writeBindings(
  { traits }: OperationModel,
  bindings: Bindings | null,
  output: Record<string, unknown>,
) {
  const headers: Record<string, string> = {};
  for (const member of bindings?.headers ?? []) {
    const value = output[member.name];
    if (value === undefined || value === null) continue;
    headers[member.merged.httpHeader!.toLowerCase()] = writeText(
      member.shape as SimpleShape,
      value,
      member.name,
      'http-date',
    );
  }
  const code = bindings?.statusCode === undefined ? undefined : output[bindings.statusCode.name];
  return { status: typeof code === 'number' ? code : (traits.http?.[2] ?? 200), headers };
}
