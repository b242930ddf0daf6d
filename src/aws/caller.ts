import type { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { callWithRetry } from './call-retry.ts';
import { jitterOf } from './jitter.ts';
import type { CallsOf, OperationSpec } from './operation-spec.ts';
import type { AwsOptions } from './options.ts';
import { createRateLimiter } from './rate-limiter.ts';
import type { RoleCredentials } from './role-credentials.ts';
import { clientConfig } from './client-config.ts';
import { createHolds, type Holds } from './holds.ts';
import type { SdkClient, ServiceSpec } from './service-spec.ts';
import { stsService } from './services/sts.ts';
import { observed } from './observe-call.ts';
import type { CallPlace } from './translate-error.ts';

interface ServicePlace {
  readonly name: string;
  readonly accountId: string | undefined;
  readonly region: string;
  /** `null`, or the answer `null`: the caller's own. */
  readonly credentials: (() => Promise<RoleCredentials | null>) | null;
}

/** Sends calls to services; owns the clients and the rate limits of one door. */
export interface Caller {
  open<S extends ServiceSpec>(place: ServicePlace & { readonly service: S }): CallsOf<S['operations']>;
  assumeRole(command: AssumeRoleCommand, accountId: string, region: string): Promise<unknown>;
}

interface Sending {
  readonly place: CallPlace;
  readonly client: () => Promise<OpenClient>;
  readonly repeatable: boolean;
  readonly readError: OperationSpec<object, unknown>['readError'];
  readonly signal: AbortSignal | undefined;
}

/** `isOwn`: it works in the caller's own account, whose rate limits it shares, also if the account was named. */
interface OpenClient {
  readonly sdk: SdkClient;
  readonly isOwn: boolean;
}

type CallerOptions = Omit<AwsOptions, 'services'>;

interface ClientMaking {
  readonly options: CallerOptions;
  readonly holds: Holds;
}

export function createCaller(options: CallerOptions): Caller {
  const { clock, onCall } = options;
  const random = options.random ?? jitterOf(options.sessionName);
  const holds = createHolds(clock);
  const clients = { options, holds };
  const limiter = options.rateLimiter ?? createRateLimiter({ clock });

  const send = (
    { place, client, repeatable, readError, signal }: Sending,
    makeCommand: () => object,
  ): Promise<unknown> =>
    callWithRetry({ clock, random, place, repeatable, signal }, async (attempt) => {
      const { sdk, isOwn } = await client();
      const scope = `${isOwn ? '' : place.accountId}/${place.region}`;
      const answer = limiter.run({ scope, service: place.service, operation: place.operation, signal }, () =>
        observed({ clock, onCall, place, attempt }, makeCommand, (command) =>
          holds.during(() => sdk.send(command as never, signal === undefined ? {} : { abortSignal: signal })),
        ),
      );
      return readError === undefined ? answer : answer.catch(readError);
    });

  const caller: Caller = {
    open({ service, ...where }) {
      const client = clientSource(clients, service, where);
      const entries = Object.entries(service.operations).map(([operation, spec]) => {
        const place = placeOf(service, where, operation);
        const call = (input: object, signal?: AbortSignal): Promise<unknown> =>
          runOperation(spec as unknown as AnySpec, input, (command) =>
            send({ place, client, repeatable: spec.repeatable, readError: spec.readError, signal }, command),
          );
        return [operation, call];
      });
      return Object.fromEntries(entries);
    },
    assumeRole(command, accountId, region) {
      const where = { name: 'sts', accountId: undefined, region, credentials: null };
      const place = { ...placeOf(stsService, where, 'assumeRole'), accountId };
      const client = clientSource(clients, stsService, where);
      const sending = { place, client, repeatable: true, readError: undefined, signal: undefined };
      return send(sending, () => command);
    },
  };
  return caller;
}

interface AnySpec extends Pick<OperationSpec<object, unknown>, 'makeCommand' | 'paging'> {
  readonly pick: (output: unknown) => unknown;
}

/** One request, or one for each page. */
async function runOperation(
  spec: AnySpec,
  input: object,
  send: (makeCommand: () => object) => Promise<unknown>,
): Promise<unknown> {
  if (spec.paging === null) return spec.pick(await send(() => spec.makeCommand(input)));
  const items: unknown[] = [];
  let next: object = input;
  for (;;) {
    const page = next;
    const output = await send(() => spec.makeCommand(page));
    items.push(...(spec.pick(output) as unknown[]));
    const token = (output as Record<string, unknown>)[spec.paging.output];
    if (token === undefined || token === '') return items;
    next = { ...input, [spec.paging.input]: token };
  }
}

function placeOf(
  service: ServiceSpec,
  { name, accountId, region }: ServicePlace,
  operation: string,
): CallPlace {
  const action = service.iamNames?.[operation] ?? `${operation[0]!.toUpperCase()}${operation.slice(1)}`;
  const iamAction = `${service.iamPrefix}:${action}`;
  return { service: name, operation, iamAction, accountId, region };
}

/**
 * The client of one service, account and Region: made anew when the credentials have been
 * refreshed (calls under way keep the old one).
 */
function clientSource(
  { options, holds }: ClientMaking,
  service: ServiceSpec,
  where: ServicePlace,
): () => Promise<OpenClient> {
  let client: SdkClient | null = null;
  let generation = 0;
  return async () => {
    const role = where.credentials === null ? null : await where.credentials();
    if (client === null || (role !== null && role.generation !== generation)) {
      generation = role?.generation ?? 0;
      client = service.newClient(
        clientConfig({
          options,
          holds,
          region: where.region,
          answerTimeoutMs: service.answerTimeoutMs,
          credentials: role?.credentials ?? options.credentials,
        }),
      );
    }
    return { sdk: client, isOwn: role === null };
  };
}
