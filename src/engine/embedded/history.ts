import { unreachable, type Json, type JsonObject } from '#core/json.ts';
import type { EngineEvent, EngineHistory } from '../port.ts';
import type { ChunkRow, ExecutionRow, Journal } from './journal.ts';
import { readChunk, type JournalRecord } from './records.ts';

const DEFAULT_LIMIT = 1000;

/** A page of an execution's history: the journal's records as Step Functions would name them. */
export function readHistory(
  journal: Journal,
  row: ExecutionRow,
  { cursor, limit = DEFAULT_LIMIT }: { readonly cursor?: string; readonly limit?: number },
): EngineHistory {
  const [chunkId, skip] = cursor === undefined ? [0, 0] : (cursor.split('.').map(Number) as [number, number]);
  const events: EngineEvent[] = cursor === undefined ? [startedEvent(row)] : [];
  const chunks = journal.chunksOf(row.key, chunkId, limit + 1);
  for (const chunk of chunks) {
    const shown = eventsOfChunk(chunk);
    const from = chunk.id === chunkId ? skip : 0;
    const room = limit - events.length;
    events.push(...shown.slice(from, from + room));
    if (shown.length - from > room) return { events, cursor: `${chunk.id}.${from + room}` };
  }
  return chunks.length > limit ? { events, cursor: `${chunks.at(-1)!.id}.0` } : { events };
}

function startedEvent(row: ExecutionRow): EngineEvent {
  const details = { input: JSON.parse(row.input) as Json };
  return { id: 1, at: new Date(row.startedAt).toISOString(), type: 'ExecutionStarted', details };
}

function eventsOfChunk(chunk: ChunkRow): EngineEvent[] {
  let [type, state] = splitPlace(chunk.place);
  const at = new Date(chunk.at).toISOString();
  const events: EngineEvent[] = [];
  for (const record of readChunk(chunk.records)) {
    if (record.k === 'enter') [type, state] = [record.y, record.s];
    for (const { name, details } of shownAs(record, type)) {
      const id = chunk.first + events.length;
      events.push({
        id,
        at,
        type: name,
        ...(state === '' ? {} : { state }),
        ...(details === undefined ? {} : { details }),
      });
    }
  }
  return events;
}

function splitPlace(place: string): [string, string] {
  const colon = place.indexOf(':');
  return [place.slice(0, Math.max(colon, 0)), place.slice(colon + 1)];
}

interface Shown {
  readonly name: string;
  readonly details?: JsonObject;
}

function shownAs(record: JournalRecord, type: string): Shown[] {
  switch (record.k) {
    case 'enter':
      return [{ name: `${type}StateEntered`, details: { input: record.o.value } }];
    case 'schedule': {
      const details = { resource: record.r, target: record.t, parameters: record.o.value };
      return [{ name: 'TaskScheduled', details }, { name: 'TaskStarted' }];
    }
    case 'submit':
      return [{ name: 'TaskSubmitted' }];
    case 'succeed':
      return [{ name: 'TaskSucceeded', details: { output: record.o.value } }];
    case 'items':
      return [{ name: 'MapStateStarted', details: { length: record.n } }];
    case 'branches':
      return [{ name: 'ParallelStateStarted' }];
    case 'exit': {
      const assigned = record.a === undefined ? {} : { assignedVariables: record.a.value };
      return [{ name: `${type}StateExited`, details: { output: record.o.value, ...assigned } }];
    }
    case 'child':
      return record.h === undefined ? [] : [{ name: record.h, details: { index: record.i } }];
    case 'join':
      return [{ name: record.h }];
    case 'end':
      return record.h === undefined ? [] : [{ name: record.h, details: { output: record.o.value } }];
    case 'fail':
    case 'break':
      return record.h === undefined
        ? []
        : [{ name: record.h, details: { error: record.e, cause: record.c } }];
    case 'beat':
    case 'retry':
    case 'wait':
    case 'yield':
      return [];
    default:
      return unreachable(record);
  }
}
