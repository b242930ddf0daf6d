import type { InvokeCommandInput, InvokeCommandOutput } from '@aws-sdk/client-lambda';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { getFunctionRow, invocations, type FunctionRow, type InvocationRow } from './rows.ts';

const LARGEST_SYNC_BYTES = 6 * 1024 * 1024;
const LARGEST_EVENT_BYTES = 1024 * 1024;
/** An event whose run failed is run again after one minute, and after two more. */
const EVENT_RETRY_MS = [0, 60_000, 180_000];

/** `RequestResponse` answers at once; `Event` is queued; `DryRun` only checks. */
export function invoke(call: Call, input: InvokeCommandInput): Omit<InvokeCommandOutput, '$metadata'> {
  const row = getFunctionRow(call, input.FunctionName);
  const type = input.InvocationType ?? 'RequestResponse';
  const payload = textOf(input);
  assertInvocable(row, payload, type);
  if (type === 'DryRun') return { StatusCode: 204 };
  if (type === 'Event') {
    runEvent(call, row, payload);
    return { StatusCode: 202, Payload: blobOf('') };
  }
  const run = recordRun(call, row, { type, attempt: 1, payload, startsAt: call.now });
  return {
    StatusCode: 200,
    ExecutedVersion: '$LATEST',
    FunctionError: run.error === null ? undefined : 'Unhandled',
    Payload: blobOf(run.error ?? row.response),
    LogResult: input.LogType === 'Tail' ? logOf(run) : undefined,
  };
}

/** The client wraps the bytes in an adapter of its own; the wire carries bytes alone. */
function blobOf(text: string): NonNullable<InvokeCommandOutput['Payload']> {
  return Buffer.from(text) as Uint8Array as NonNullable<InvokeCommandOutput['Payload']>;
}

function textOf(input: InvokeCommandInput): string {
  const payload: unknown = input.Payload;
  if (payload === undefined) return '';
  return typeof payload === 'string' ? payload : Buffer.from(payload as Uint8Array).toString('utf8');
}

function assertInvocable(row: FunctionRow, payload: string, type: string): void {
  const bytes = Buffer.byteLength(payload);
  const limit = type === 'Event' ? LARGEST_EVENT_BYTES : LARGEST_SYNC_BYTES;
  if (bytes > limit) {
    throw new ServiceError(
      'RequestTooLargeException',
      `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
    );
  }
  if (payload !== '' && !isJson(payload)) {
    throw new ServiceError('InvalidRequestContentException', 'Could not parse request body into json', {
      Type: 'User',
    });
  }
  if (row.state === 'Pending') {
    throw new ServiceError(
      'ResourceConflictException',
      `The operation cannot be performed at this time. The function is currently in the following state: ${row.state}`,
      { Type: 'User' },
    );
  }
}

function runEvent(call: Call, row: FunctionRow, payload: string): void {
  for (const [index, delayMs] of EVENT_RETRY_MS.entries()) {
    const run = recordRun(call, row, {
      type: 'Event',
      attempt: index + 1,
      payload,
      startsAt: call.now + delayMs,
    });
    if (run.error === null) return;
  }
}

function recordRun(
  call: Call,
  row: FunctionRow,
  given: Pick<InvocationRow, 'type' | 'attempt' | 'payload' | 'startsAt'>,
): InvocationRow {
  const fails = row.error !== null && (row.failTimes === null || failuresOf(call, row) < row.failTimes);
  const seconds = Math.min(row.durationSeconds, row.timeoutSeconds);
  const run: InvocationRow = {
    ...given,
    id: String(call.world.count(`lambda.invocations/${row.arn}`)),
    functionName: row.name,
    endsAt: given.startsAt + Math.round(seconds * 1_000),
    error: row.durationSeconds > row.timeoutSeconds ? timeoutError(row) : fails ? thrownError(row) : null,
  };
  invocations(call).put(`${row.name}/${run.id}`, run);
  return run;
}

function failuresOf(call: Call, row: FunctionRow): number {
  const runs = invocations(call).all();
  return runs.filter((run) => run.functionName === row.name && run.error !== null).length;
}

function timeoutError(row: FunctionRow): string {
  return JSON.stringify({ errorMessage: `Task timed out after ${row.timeoutSeconds.toFixed(2)} seconds` });
}

function thrownError(row: FunctionRow): string {
  const { type, message } = row.error!;
  return JSON.stringify({ errorType: type, errorMessage: message, trace: [] });
}

function logOf(run: InvocationRow): string {
  const duration = `${run.endsAt - run.startsAt}.00 ms`;
  return Buffer.from(`START\n${run.error ?? 'ok'}\nEND\nREPORT Duration: ${duration}\n`).toString('base64');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
