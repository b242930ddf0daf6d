import type { Clock } from '#core/clock.ts';
import { authenticate, authorize, limitRate, meetFault } from './admission.ts';
import { describeArrival, isRead, targetOf, type Arrival } from './arrival.ts';
import { CallLog, type CallHook, type Stats } from './call-log.ts';
import { PROTOCOLS } from './codec/protocols.ts';
import { InputError } from './codec/scalars.ts';
import type { Route, WireRequest, WireResponse } from './codec/wire.ts';
import { commonError, MESSAGES } from './common-errors.ts';
import { ServiceError, type ServiceDefinition } from './contract.ts';
import { readCredential } from './credential.ts';
import { Faults } from './faults.ts';
import type { Persistence } from './persistence.ts';
import { RateLimiter } from './rate-limits.ts';
import { hasEndpoints } from './regions.ts';
import type { Scenario } from './scenario.ts';
import { seedWorld } from './seed-world.ts';
import { connectionError, notForUs, toWireError } from './wire-errors.ts';
import { World } from './world.ts';

export interface SimulationOptions {
  readonly scenario: Scenario;
  readonly services: readonly ServiceDefinition[];
  readonly clock: Clock;
  readonly persistence?: Persistence | undefined;
  /** How many of the latest requests the log keeps. */
  readonly logLimit?: number;
}

/** An answer, or what breaks the connection instead; `error` is the code that was (or would have been) answered. */
type Outcome = ({ readonly response: WireResponse } | { readonly broken: unknown }) & {
  readonly error: string | null;
};

/**
 * The simulated AWS: takes requests as they stand on the wire and answers them, one after the other. Who brings them (a
 * socket, an SDK client in the same process) is not its business.
 *
 * Invariants:
 * 1. the changes of a request are saved before its answer goes out, and before a lost answer is lost;
 * 2. a request that is refused changes nothing but the counters of faults;
 * 3. the answer depends on the world, its seed and the requests so far, never on real time.
 */
export class SimulationCore {
  readonly world: World;
  readonly #services = new Map<string, ServiceDefinition>();
  readonly #clock: Clock;
  readonly #persistence: Persistence | undefined;
  readonly #faults: Faults;
  readonly #limiter: RateLimiter;
  readonly #log: CallLog;
  readonly #hooks = new Set<CallHook>();
  readonly #regions: ReadonlySet<string>;
  #number = 0;

  constructor({ scenario, services, clock, persistence, logLimit = 10_000 }: SimulationOptions) {
    const { seed, startsAt, faults, rateLimits } = scenario;
    for (const service of services) this.#services.set(service.name, service);
    this.world = new World({ seed, startsAt, services });
    this.#clock = clock;
    this.#persistence = persistence;
    this.#faults = new Faults(this.world, { rules: faults, startsAt });
    this.#limiter = new RateLimiter(rateLimits);
    this.#log = new CallLog(this.world, { limit: logLimit });
    this.#regions = new Set(scenario.accounts.flatMap(({ regions }) => Object.keys(regions)));
    this.world.remember(this.#faults.longestStaleMs);
    this.world.askOutages((target) => this.#faults.isDown(target));
    this.#begin(scenario, services);
  }

  get stats(): Stats {
    return this.#log;
  }

  /** Calls a hook around each request from now on. Returns the way to take it off. */
  hook(hook: CallHook): () => void {
    this.#hooks.add(hook);
    return () => this.#hooks.delete(hook);
  }

  /**
   * Answers a request. Throws what breaks the connection: a connection error (a fault of the scenario), what a hook
   * throws, or a mistake in a simulated service. `overHttp`: the
   * signature has to be right, and a Region without endpoints, whose name such a client never looked up, is answered as one
   * that the account has not enabled.
   */
  handle(request: WireRequest, { overHttp }: { overHttp: boolean }): WireResponse {
    const number = ++this.#number;
    const requestId = this.#requestId(number);
    const credential = readCredential(request);
    const service = this.#services.get(credential?.model?.name ?? '');
    if (credential?.model === undefined || service === undefined)
      return notForUs(request, credential, requestId);
    const arrival: Arrival = { request, credential, model: credential.model, service, requestId, number };
    const outcome = this.#attempt(arrival, overHttp);
    this.#save();
    this.#conclude(arrival, outcome);
    if ('broken' in outcome) throw outcome.broken;
    return outcome.response;
  }

  #begin(scenario: Scenario, services: readonly ServiceDefinition[]): void {
    const saved = this.#persistence?.load() ?? null;
    if (saved !== null) this.world.restore(saved.changes, saved.now);
    else seedWorld(this.world, scenario, services);
    this.#save();
  }

  #save(): void {
    const changes = this.world.takeChanges();
    if (changes.length > 0) this.#persistence?.save(changes, this.world.now);
  }

  #attempt(arrival: Arrival, overHttp: boolean): Outcome {
    const { model, requestId } = arrival;
    try {
      const response = this.#answer(arrival, overHttp);
      if (arrival.fault?.fault !== 'responseLost') return { response, error: null };
      return { broken: connectionError('ECONNRESET', 'socket hang up'), error: null };
    } catch (error) {
      if (!(error instanceof ServiceError)) return { broken: error, error: (error as Error).name };
      const wireError = toWireError(model, error);
      const response = PROTOCOLS[model.protocol].writeError(model, wireError, requestId);
      return { response, error: wireError.code };
    }
  }

  #answer(arrival: Arrival, overHttp: boolean): WireResponse {
    const { model, requestId, request, credential } = arrival;
    const { world } = this;
    world.advance(this.#clock.now());
    if (!hasEndpoints(credential.region, this.#regions)) {
      throw overHttp
        ? commonError(model, 'unknownKey', MESSAGES.unknownKey)
        : connectionError(
            'ENOTFOUND',
            `getaddrinfo ENOTFOUND ${model.signingName}.${credential.region}.amazonaws.com`,
          );
    }
    arrival.key = authenticate(world, arrival, { verify: overHttp });
    const route = PROTOCOLS[model.protocol].route(model, request);
    if (route === null)
      throw commonError(model, 'unknownOperation', `${model.name} does not know this operation.`);
    arrival.route = route;
    meetFault(this.#faults, arrival);
    limitRate(this.#limiter, arrival, world.now);
    arrival.input = readInput(arrival, route);
    authorize(arrival);
    for (const { before } of this.#hooks) before?.(describeArrival(arrival, world.now));
    const output = this.#invoke(arrival);
    return PROTOCOLS[model.protocol].write(model, route.operation, output, requestId);
  }

  #invoke(arrival: Arrival): unknown {
    const { world } = this;
    const { input, key, fault } = arrival;
    const request = { ...targetOf(arrival), input, principal: key!.principal };
    const invoke = (): unknown => world.invoke({ ...request, now: world.now });
    if (fault?.fault === 'staleReads') return world.asOf(world.now - fault.by, invoke);
    const output = invoke();
    if (!isRead(arrival)) this.#log.countEffect(request);
    return output;
  }

  #conclude(arrival: Arrival, { error }: Outcome): void {
    const record = {
      ...describeArrival(arrival, this.world.now),
      error,
      fault: arrival.fault?.fault ?? null,
      tookEffect: error === null && !isRead(arrival),
    };
    this.#log.add(record);
    for (const { after } of this.#hooks) after?.(record);
  }

  /** In the form of AWS, and the same for the same world. */
  #requestId(number: number): string {
    const random = this.world.random(`request/${number}/${this.world.now}`);
    const digits = (count: number): string =>
      Math.floor(random.next() * 16 ** count)
        .toString(16)
        .padStart(count, '0');
    return `${digits(8)}-${digits(4)}-${digits(4)}-${digits(4)}-${digits(8)}${digits(4)}`;
  }
}

/** Throws the service's error for input that its schema refuses. */
function readInput({ model, request }: Arrival, route: Route): unknown {
  try {
    return PROTOCOLS[model.protocol].read(route, request);
  } catch (error) {
    if (error instanceof InputError) {
      throw commonError(
        model,
        error.reason === 'missing' ? 'missingMember' : 'wrongType',
        inputMessage(error),
      );
    }
    throw commonError(
      model,
      'malformed',
      `The body of the request cannot be read: ${(error as Error).message}`,
    );
  }
}

function inputMessage({ reason, member, message }: InputError): string {
  if (reason === 'type') return message;
  return `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`;
}
