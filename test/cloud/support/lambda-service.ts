import { randomUUID } from 'node:crypto';
import { startInvokeApi, type InvokeAnswer, type Invoked } from '../../step-functions/support/invoke-api.ts';
import type { Listening } from '../../support/listen.ts';
import { startProcess, type FunctionProcess, type Strike } from './function-process.ts';
import { TURNS_PARTITION } from '#store/turns.ts';
import type { Endpoints, Outgoing } from './outgoing.ts';
import { allowing, isAllowed, needsOf, wordsOf, type Rights } from './rights.ts';

/** A function as the template describes it. */
export interface FunctionSpec {
  readonly name: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly aliases: readonly string[];
  /** `ReservedConcurrentExecutions`. */
  readonly mostAtOnce?: number;
  /** Of its role. */
  readonly rights: Rights;
}

/** What goes wrong with one invocation. */
export interface Trouble {
  readonly function: string;
  readonly alias?: string;
  /** `throttle`: Lambda does not take it. `kill`: its process is killed at a call. `timeout`: the same, because its time is up. */
  readonly what: 'throttle' | 'timeout' | 'kill';
  /** The call at which: the first whose name (`nameOf`) matches, or the n-th of all, from 1. */
  readonly at?: RegExp | number;
  /** The call has taken effect, or not. */
  readonly when?: 'before' | 'after';
  /** It may not come to that: on a busy machine the time of the world runs ahead, and what is polled is done before. */
  readonly isOptional?: boolean;
}

/** The functions of one deployment. */
interface Deployment {
  readonly region: string;
  readonly account: string;
  readonly functions: readonly FunctionSpec[];
  /** Besides what the template says: credentials and Region, as Lambda sets them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly endpoints: Endpoints;
  /** Each strikes once. */
  readonly troubles: readonly Trouble[];
}

/** What happened in a deployment. */
interface Journal {
  /** The troubles that have not struck yet. */
  readonly left: Trouble[];
  /** Calls that were made while nothing was asked. */
  readonly strays: string[];
  /** What the functions have written to their logs. */
  readonly logs: string[];
  /** Function errors that were answered: name and message. */
  readonly errors: string[];
  /** Rights of roles, in words, that were used on what the platform stands on. */
  readonly used: Set<string>;
  /** What a function did there that its role may not. */
  readonly denied: Set<string>;
}

export interface LambdaService extends Listening {
  /** Puts the functions of a deployment there, until `remove`. */
  deploy(deployment: Deployment): Deployed;
}

export interface Deployed {
  readonly journal: Journal;
  /** As the Invoke API does it, with what it answers. */
  invoke(functionName: string, alias: string, event: unknown): Promise<Invoked>;
  remove(): Promise<void>;
}

/** AWS Lambda over real processes; deployments are told apart by the Region of the function's ARN. */
export async function startLambdaService(): Promise<LambdaService> {
  const deployments = new Map<string, Hosted>();
  const api = await startInvokeApi(
    async ({ region, name, alias }, event) =>
      (await deployments.get(region)?.invoke(name, alias, event)) ?? 'unknown',
  );
  return {
    ...api,
    deploy(deployment) {
      const hosted = new Hosted(deployment);
      deployments.set(deployment.region, hosted);
      return {
        journal: hosted.journal,
        invoke: async (name, alias, event) => {
          const invoked = await hosted.invoke(name, alias, event);
          if (typeof invoked === 'string') throw new TypeError(`${name}:${alias} is ${invoked}`);
          return invoked;
        },
        remove: async () => {
          deployments.delete(deployment.region);
          await hosted.close();
        },
      };
    },
  };
}

/** The processes of one deployment. */
class Hosted {
  readonly journal: Journal;
  readonly #deployment: Deployment;
  /** By function. Those that were killed stay, to be closed with the others. */
  readonly #processes = new Map<string, FunctionProcess[]>();
  readonly #busy = new Set<FunctionProcess>();
  #closing = false;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
    const left = [...deployment.troubles];
    this.journal = { left, strays: [], logs: [], errors: [], used: new Set(), denied: new Set() };
  }

  async invoke(name: string, alias: string, event: unknown): Promise<InvokeAnswer> {
    const { region, account, functions } = this.#deployment;
    const found = functions.find((one) => one.name === name);
    if (found === undefined || this.#closing || (alias !== '' && !found.aliases.includes(alias)))
      return 'unknown';
    const throttled = this.#troublesOf(name, alias).find(({ what }) => what === 'throttle');
    if (throttled !== undefined) {
      this.#strike(throttled);
      return 'throttled';
    }
    const sandbox = await this.#sandbox(found);
    if (sandbox === null) return 'throttled';
    const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;
    const asked = {
      event,
      functionName: name,
      invokedFunctionArn: alias === '' ? arn : `${arn}:${alias}`,
      requestId: randomUUID(),
      timeoutMs: found.timeoutSeconds * 1_000,
      onCall: this.#watch(found, alias),
    };
    const invoked = await sandbox.invoke(asked).finally(() => this.#busy.delete(sandbox));
    if (invoked.isError) this.journal.errors.push(`${name}:${alias} ${JSON.stringify(invoked.payload)}`);
    return invoked;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#processes.values()].flat().map((one) => one.close()));
  }

  #troublesOf(name: string, alias: string): Trouble[] {
    return this.journal.left.filter(
      (one) => name === `breakwater-${one.function}` && (one.alias ?? alias) === alias,
    );
  }

  #strike(trouble: Trouble): void {
    const { left } = this.journal;
    left.splice(left.indexOf(trouble), 1);
  }

  #watch(spec: FunctionSpec, alias: string): Strike {
    let calls = 0;
    return (call, moment) => {
      if (moment === 'before') {
        calls++;
        this.#holdAgainstRights(spec, call);
      }
      const name = nameOf(call);
      const strikes = ({ what, at = 1, when = 'before' }: Trouble): boolean =>
        what !== 'throttle' && when === moment && (typeof at === 'number' ? calls >= at : at.test(name));
      const trouble = this.#troublesOf(spec.name, alias).find(strikes);
      if (trouble === undefined || trouble.what === 'throttle') return 'go';
      this.#strike(trouble);
      return trouble.what;
    };
  }

  #holdAgainstRights({ name, rights }: FunctionSpec, call: Outgoing): void {
    for (const need of needsOf(call, this.#deployment)) {
      for (const right of allowing(rights, need)) this.journal.used.add(`${name} ${wordsOf(right)}`);
      if (!isAllowed(rights, need)) this.journal.denied.add(`${name} ${wordsOf(need)}`);
    }
  }

  /** A process that is free, or a new one, kept for the caller; `null` if the function may have no more. */
  async #sandbox(spec: FunctionSpec): Promise<FunctionProcess | null> {
    const { region, environment, endpoints } = this.#deployment;
    const known = this.#processes.get(spec.name) ?? [];
    this.#processes.set(spec.name, known);
    const living = known.filter(({ isAlive }) => isAlive);
    const free = living.find((one) => !this.#busy.has(one));
    if (free !== undefined) {
      this.#busy.add(free);
      return free;
    }
    if (living.length >= (spec.mostAtOnce ?? Infinity)) return null;
    const started = await startProcess({
      folder: spec.folder,
      environment: {
        ...environment,
        ...spec.environment,
        AWS_REGION: region,
        AWS_LAMBDA_FUNCTION_NAME: spec.name,
      },
      endpoints,
      onStray: ({ service, operation }) => this.journal.strays.push(`${spec.name} ${service} ${operation}`),
      log: (said) => this.journal.logs.push(`${spec.name} ${said}`),
    });
    known.push(started);
    this.#busy.add(started);
    return started;
  }
}

/** `service operation`. Turns are told from other records: every step of a technology begins and ends with theirs. */
function nameOf({ service, operation, body }: Outgoing): string {
  const isTurn = service === 'dynamodb' && body.includes(`"S":"${TURNS_PARTITION}"`);
  return `${service} ${operation}${isTurn ? ' of turns' : ''}`;
}
