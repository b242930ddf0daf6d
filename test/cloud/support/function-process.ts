import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Invoked } from '../../step-functions/support/invoke-api.ts';
import { openGateway, type Endpoints, type OnCall, type Outgoing } from './outgoing.ts';

const BOOTSTRAP = path.join(import.meta.dirname, 'bootstrap.mjs');

interface Invocation {
  readonly event: unknown;
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly requestId: string;
  readonly timeoutMs: number;
  readonly onCall: Strike;
}

/** Told of each call that a function makes. `kill`: the process is gone; `timeout`: because the function's time is up. */
export type Strike = (call: Outgoing, moment: 'before' | 'after') => 'go' | 'kill' | 'timeout';

/** One sandbox of a function: a process of its own, frozen between its invocations. */
export interface FunctionProcess {
  readonly isAlive: boolean;
  invoke(invocation: Invocation): Promise<Invoked>;
  close(): Promise<void>;
}

interface ProcessParams {
  /** Where `index.mjs` is. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly endpoints: Endpoints;
  /** Told of calls that are made although nothing was asked: work that goes on after the answer. */
  readonly onStray: (call: Outgoing) => void;
  readonly log: (text: string) => void;
}

type Message = { ready?: true; answer?: unknown; failure?: unknown };

const SERVICES = ['', '_DYNAMODB', '_SFN', '_SQS', '_LAMBDA'];

/**
 * 1. One invocation at a time; the process is stopped (SIGSTOP) from its answer to its next invocation, as Lambda freezes it.
 * 2. A process that was killed, or whose time ran out, is never used again.
 */
export async function startProcess(params: ProcessParams): Promise<FunctionProcess> {
  let current: Invocation | null = null;
  let endTime = (): void => {};
  const onCall: OnCall = (call, moment) => {
    if (current === null) {
      if (isAlive()) params.onStray(call);
      return isAlive();
    }
    const order = current.onCall(call, moment);
    if (order === 'go') return true;
    if (order === 'timeout') endTime();
    child.kill('SIGKILL');
    return false;
  };
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null && !child.killed;
  const gateway = await openGateway(params.endpoints, onCall);
  const child = forkBootstrap(params, gateway.url);
  const ended = new Promise<Invoked>((resolve) => {
    child.once('exit', (code, signal) => resolve(exitError(current, signal ?? `exit status ${code}`)));
  });
  // Loaded before the first invocation counts.
  await Promise.race([nextMessage(child), ended]);
  return {
    get isAlive() {
      return isAlive();
    },
    async invoke(invocation) {
      current = invocation;
      signal(child, 'SIGCONT');
      const { onCall: _, timeoutMs, ...asked } = invocation;
      const answered = nextMessage(child).then(({ answer, failure }): Invoked =>
        failure === undefined ? { payload: answer, isError: false } : { payload: failure, isError: true },
      );
      child.send({ ...asked, deadlineMs: Date.now() + timeoutMs });
      const passed = new Promise<Invoked>((resolve) => {
        endTime = () => resolve(timedOut(invocation));
      });
      const timer = setTimeout(() => {
        endTime();
        child.kill('SIGKILL');
      }, timeoutMs);
      try {
        return await Promise.race([answered, passed, ended]);
      } finally {
        clearTimeout(timer);
        signal(child, 'SIGSTOP');
        current = null;
      }
    },
    async close() {
      child.kill('SIGKILL');
      await ended;
      await gateway.close();
    },
  };
}

const children = new Set<ChildProcess>();
// Also when the tests are broken off.
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

function forkBootstrap({ folder, environment, log }: ProcessParams, awsUrl: string): ChildProcess {
  const urls = SERVICES.map((service) => [`AWS_ENDPOINT_URL${service}`, awsUrl]);
  const child = fork(BOOTSTRAP, [path.join(folder, 'index.mjs')], {
    env: { ...environment, ...(Object.fromEntries(urls) as Record<string, string>) },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.stdout!.on('data', (chunk) => log(String(chunk)));
  child.stderr!.on('data', (chunk) => log(String(chunk)));
  children.add(child);
  // What cannot be sent, because the process is gone, its exit tells.
  child.on('error', () => {});
  return child;
}

/** Unlike `child.kill`, which counts each signal as a kill. */
function signal({ pid }: ChildProcess, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid!, name);
  } catch {
    // It is gone, and its exit says so.
  }
}

function nextMessage(child: ChildProcess): Promise<Message> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as Message)));
}

/** Source: what Lambda answers for a process that was killed. */
function exitError(current: Invocation | null, reason: string): Invoked {
  const errorMessage = `RequestId: ${current?.requestId} Error: Runtime exited with error: signal: ${reason}`;
  return { payload: { errorType: 'Runtime.ExitError', errorMessage }, isError: true };
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html, and what Lambda answers as `errorType`. */
function timedOut({ requestId, timeoutMs }: Invocation): Invoked {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`;
  return { payload: { errorType: 'Sandbox.Timedout', errorMessage }, isError: true };
}
