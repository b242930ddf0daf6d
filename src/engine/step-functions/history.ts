import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { StepFunctionsCalls } from '#aws/services/step-functions.ts';
import type { Json, JsonObject } from '#core/json.ts';
import type { Engine, EngineEvent, EngineHistory } from '../port.ts';
import { called, EXECUTION_ERRORS } from './errors.ts';

/** The most that Step Functions answers at once. */
const PAGE = 1_000;

/**
 * A page of an execution's history. The cursor is the id of the last event before it, and each page is read from the
 * beginning: an event names its state only through the events before it. That is one request for each thousand events.
 */
export async function readHistory(
  calls: StepFunctionsCalls,
  { executionId, cursor, limit = PAGE }: Parameters<Engine['history']>[0],
): Promise<EngineHistory> {
  const after = Number(cursor ?? 0);
  const events = await readEvents(calls, executionId, after + limit + 1);
  const later = engineEvents(events).filter(({ id }) => id > after);
  const shown = later.slice(0, limit);
  return later.length > limit ? { events: shown, cursor: String(shown.at(-1)!.id) } : { events: shown };
}

/** The executions that an execution has begun and waited for, by their ARNs. */
export async function nestedExecutions(calls: StepFunctionsCalls, executionId: string): Promise<string[]> {
  const events = await readEvents(calls, executionId, Infinity);
  return events.flatMap(({ taskSubmittedEventDetails: submitted }) => {
    if (submitted?.resourceType !== 'states') return [];
    const { ExecutionArn } = parse(submitted.output ?? '{}') as { ExecutionArn?: string };
    return ExecutionArn === undefined ? [] : [ExecutionArn];
  });
}

/** The first events of an execution: at least `enough`, or all. */
async function readEvents(
  calls: StepFunctionsCalls,
  executionId: string,
  enough: number,
): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const input = { executionArn: executionId, maxResults: PAGE, nextToken };
    const page = await called(EXECUTION_ERRORS, calls.getExecutionHistory(input));
    events.push(...(page.events ?? []));
    ({ nextToken } = page);
  } while (nextToken !== undefined && events.length < enough);
  return events;
}

/** Where an event happened: the state, and the place of the Map or Parallel state around it. */
interface Place {
  readonly state: string | undefined;
  readonly around: Place | null;
}

const OUTSIDE: Place = { state: undefined, around: null };

/** Only entering and leaving a state names it; what happens between happens in the state of the event before. */
function engineEvents(events: readonly HistoryEvent[]): EngineEvent[] {
  const places = new Map<number, Place>();
  return events.map((event) => {
    const { id = 0, type = '', previousEventId = 0, timestamp } = event;
    const { name, ...details } = detailsOf(event);
    const place = placeOf(
      type,
      typeof name === 'string' ? name : null,
      places.get(previousEventId) ?? OUTSIDE,
    );
    places.set(id, place);
    return {
      id,
      at: (timestamp ?? new Date(0)).toISOString(),
      type,
      ...(place.state === undefined ? {} : { state: place.state }),
      ...(Object.keys(details).length === 0 ? {} : { details }),
    };
  });
}

function placeOf(type: string, name: string | null, before: Place): Place {
  if (name !== null) return { state: name, around: before.around };
  if (/^(Map|Parallel)StateStarted$/.test(type)) return { state: before.state, around: before };
  if (/^(Map|Parallel)State(Succeeded|Failed|Aborted)$/.test(type)) return before.around ?? before;
  return before;
}

/** The details of whatever kind, without what only says whether they were cut off; JSON texts as what they say. */
function detailsOf(event: HistoryEvent): JsonObject {
  const entry = Object.entries(event).find(([key]) => key.endsWith('EventDetails'));
  const details = Object.entries((entry?.[1] ?? {}) as Record<string, Json | undefined>);
  return Object.fromEntries(
    details.flatMap(([key, value]) =>
      value === undefined || key.endsWith('Details') ? [] : [[key, valueOf(key, value)]],
    ),
  );
}

const JSON_TEXTS = new Set(['input', 'output', 'parameters']);

function valueOf(key: string, value: Json): Json {
  if (typeof value === 'string') return JSON_TEXTS.has(key) ? parse(value) : value;
  if (key !== 'assignedVariables') return value;
  const variables = Object.entries(value as Record<string, string>);
  return Object.fromEntries(variables.map(([name, text]) => [name, parse(text)]));
}

/** As it stands, if the service has cut it off. */
function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
