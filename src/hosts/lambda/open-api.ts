import type { StreamLimits } from '#api/event-stream.ts';
import type { IdentitySettings } from '#control/identity-settings.ts';
import { BreakwaterError } from '#core/errors.ts';
import { z } from 'zod';
import { apiOf, type Api } from '../api-of.ts';
import { askStsOf } from '../ask-sts.ts';
import { insideOf, type AskInside } from './inside.ts';
import { elsewhere } from './elsewhere.ts';
import { openLambdaPlatform, type LambdaPlatform } from './platform.ts';
import { openPorts, type Environment, type Ports } from './ports.ts';

/** The REST API in a function of Lambda. Nothing runs by itself: schedules, notifications and whatever was left undone are not its work. */
export interface LambdaApi extends Pick<
  Api,
  'routes' | 'denials' | 'metrics' | 'authenticator' | 'arnAuthenticator'
> {
  /** How API Gateway has looked at who asks; `undefined`: there is none. */
  readonly authMode: 'cognito' | 'iam' | undefined;
  readonly platform: LambdaPlatform;
  readonly ask: AskInside;
  /** Resolves when nothing is under way any more: Lambda may stop the process once it has answered. */
  settled(): Promise<void>;
}

/** Opens it by the environment of the function; what is given takes the place of what that names. */
export async function openLambdaApi(
  environment: Environment,
  {
    ports = openPorts(environment),
    fetch = globalThis.fetch,
  }: { readonly ports?: Ports; readonly fetch?: typeof globalThis.fetch } = {},
): Promise<LambdaApi> {
  const platform = await openLambdaPlatform(environment, ports);
  const { AUTH_MODE: authMode, ...identity } = readApiEnvironment(environment);
  const api = apiOf({
    platform,
    askSts: askStsOf(platform.place, fetch),
    fetch,
    webhookRule: elsewhere(platform.place),
    identity: identityIn(identity),
    stream: STREAM,
  });
  return {
    ...api,
    authMode,
    platform,
    ask: await insideOf(api),
    async settled() {
      // It answers before its work is done.
      await api.plane.drs.tagSync.settled();
      await platform.audit.settled();
    },
  };
}

/** A call of API Gateway lasts 29 s at most. */
const STREAM: StreamLimits = { pollMs: 1_000, mostMs: 20_000 };

const ApiEnvironment = z.object({
  AUTH_MODE: z.enum(['cognito', 'iam']).optional(),
  USER_POOL_ID: z.string().optional(),
  USER_POOL_CLIENT_IDS: z.string().optional(),
});

function readApiEnvironment(environment: Environment): z.infer<typeof ApiEnvironment> {
  const parsed = ApiEnvironment.safeParse(environment);
  if (parsed.success) return parsed.data;
  throw new BreakwaterError('HostIncomplete', `the environment: ${z.prettifyError(parsed.error)}`);
}

/** The user pool of the deployment: a fresh one works with no settings at all. Groups that bear a role's name have that role. */
function identityIn({
  USER_POOL_ID: userPoolId,
  USER_POOL_CLIENT_IDS: clients,
}: Omit<z.infer<typeof ApiEnvironment>, 'AUTH_MODE'>): IdentitySettings {
  if (!userPoolId || !clients) return {};
  return { cognito: { userPoolId, clientIds: clients.split(',').map((id) => id.trim()) } };
}
