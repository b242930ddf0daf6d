import { ownCredentials } from '#aws/own-credentials.ts';
import { signRequest } from '#aws/sign-request.ts';
import type { AuditLog } from '#control/audit-log.ts';
import { solutionSource } from '#control/settings.ts';
import type { SolutionSettings } from '#control/solution-settings.ts';
import { isLoopback } from '#control/outgoing-address.ts';
import type { SolutionDoor } from '#adapters/drs/solution-door.ts';
import type { Clock } from '#core/clock.ts';
import { BreakwaterError, messageOf } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { Store } from '#store/port.ts';
import type { SolutionPlace } from '#solutions/ask-solution.ts';
import { openSolution } from '#solutions/open-solution.ts';
import type { Services } from '#workflow/services.ts';
import { outgoingFetch, type AddressRule } from './outgoing-fetch.ts';
import type { AwsPlace } from './platform.ts';

interface SolutionsParams {
  readonly store: Store;
  readonly clock: Clock;
  readonly place: AwsPlace;
  /** Has the tokens. Default: none. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** A function of Lambda: it is given no tokens, and on its machine runs nothing but Lambda's own, which nobody may ask through it. */
  readonly isFunction?: boolean;
  /** As of `outgoingFetch`. */
  readonly lookup?: NonNullable<Parameters<typeof outgoingFetch>[0]>['lookup'];
  readonly audit: () => Pick<AuditLog, 'append'>;
}

/** The solutions of the settings, as they are when they are asked for. What changes something there is in the evidence. */
export function solutionsOf(params: SolutionsParams): Services['solution'] {
  const { store, clock, audit } = params;
  const settingsOf = solutionSource(store);
  const fetch = outgoingFetch({ rule: ruleOf(params), ...(params.lookup && { lookup: params.lookup }) });
  return async (name, executionId) => {
    const settings = await settingsOf(name);
    if (settings === null) return null;
    const door = openSolution(settings.kind, {
      name,
      url: settings.url,
      fetch,
      clock,
      authorize: authorizerOf(name, settings, params),
    });
    return recorded(door, (act, data) =>
      audit().append({
        action: `solution.${act}`,
        by: 'breakwater',
        target: `solution/${name}`,
        executionId,
        data,
      }),
    );
  };
}

function authorizerOf(
  name: string,
  { auth }: SolutionSettings,
  { place, environment = {}, isFunction = false }: SolutionsParams,
): SolutionPlace['authorize'] {
  if (auth.type === 'token' && isFunction) return async () => noTokensHere(name);
  if (auth.type === 'token') return async () => bearer(name, environment[auth.env], auth.env);
  const credentials = ownCredentials(place.aws);
  return async (request) =>
    signRequest({
      ...request,
      service: 'execute-api',
      region: auth.region,
      credentials: await credentials().catch(cannotSign),
      now: Date.now(),
    });
}

/** As a token that is not believed: it may pass, and what runs there goes on. */
function cannotSign(cause: unknown): never {
  throw new BreakwaterError('SolutionDenied', 'there are no credentials of AWS to sign with', { cause });
}

function noTokensHere(name: string): never {
  throw new BreakwaterError(
    'SolutionDenied',
    `on AWS Lambda there are no tokens, and ${name} is asked with one: set its auth to {"type":"iam","region":…} if it is behind API Gateway, or run plans that drive it by breakwater serve`,
  );
}

function bearer(name: string, token: string | undefined, env: string): { authorization: string } {
  // What a header cannot hold would be an error of the HTTP client, which shows it.
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return { authorization: `Bearer ${token}` };
  const problem = token === undefined ? 'is not set' : 'holds something that is no token';
  throw new BreakwaterError(
    'SolutionDenied',
    `the environment variable ${env} of this server, for the token of ${name}, ${problem}`,
  );
}

/** A rehearsal must not start anything real: on a simulated AWS only solutions on this machine are driven. */
function ruleOf({ place, isFunction = false }: SolutionsParams): AddressRule {
  return (host, addresses) => {
    if (place.simulated)
      return isLoopback(host) ? null : `this server runs on a simulated AWS, and ${host} is not this machine`;
    return isFunction && [host, ...addresses].some(isLoopback)
      ? `${host} is the machine of this function, where no solution runs`
      : null;
  };
}

type Recorder = (act: 'start' | 'cancel' | 'terminate', data: JsonObject) => Promise<void>;

function recorded(door: SolutionDoor, record: Recorder): SolutionDoor {
  const tell = async <T>(
    act: Parameters<Recorder>[0],
    data: JsonObject,
    call: () => Promise<T>,
  ): Promise<T> => {
    const failed = async (error: unknown): Promise<never> => {
      await record(act, { ...data, error: messageOf(error) });
      throw error;
    };
    const answer = await call().catch(failed);
    await record(act, { ...data, answer: String(answer) });
    return answer;
  };
  return {
    ...door,
    start: (order, signal) => tell('start', { ...order }, () => door.start(order, signal)),
    cancel: (there, signal) => tell('cancel', { there }, () => door.cancel(there, signal)),
    terminate: (there, signal) => tell('terminate', { there }, () => door.terminate(there, signal)),
  };
}
