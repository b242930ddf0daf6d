import { arnAuthenticator } from '#api/identity/arn-authenticator.ts';
import { createAuthenticator } from '#api/identity/create-authenticator.ts';
import type { StreamLimits } from '#api/event-stream.ts';
import type { Authenticator } from '#api/identity/authenticator.ts';
import type { AskSts } from '#api/identity/iam-proof.ts';
import { createMetrics, type Metrics } from '#api/metrics.ts';
import type { AnyRoute } from '#api/route.ts';
import { approvalsRoutes } from '#api/routes/approvals.ts';
import { auditRoutes } from '#api/routes/audit.ts';
import { configurationRoutes } from '#api/routes/configuration.ts';
import { discoveryRoutes } from '#api/routes/discovery.ts';
import { drsRoutes } from '#api/routes/drs.ts';
import { executionsRoutes } from '#api/routes/executions.ts';
import { healthRoutes } from '#api/routes/health.ts';
import { meRoutes } from '#api/routes/me.ts';
import { plansRoutes } from '#api/routes/plans.ts';
import { protectionGroupsRoutes } from '#api/routes/protection-groups.ts';
import { schedulesRoutes } from '#api/routes/schedules.ts';
import { settingsRoutes } from '#api/routes/settings.ts';
import { subscriptionsRoutes } from '#api/routes/subscriptions.ts';
import { targetAccountsRoutes } from '#api/routes/target-accounts.ts';
import { tokensRoutes } from '#api/routes/tokens.ts';
import { triggersRoutes } from '#api/routes/triggers.ts';
import { renderReport } from '#cli/report/report.ts';
import type { IdentitySettings } from '#control/identity-settings.ts';
import type { Denials } from '#control/denials.ts';
import { failingSubscriptions } from '#control/measures/subscriptions.ts';
import { planeOf, type Plane, type PlaneParams } from './plane-of.ts';
import type { Platform } from './platform.ts';

/** The REST API of a platform. */
export interface Api {
  readonly routes: readonly AnyRoute[];
  readonly authenticator: Authenticator;
  /** For requests whose caller a gateway of AWS has verified. */
  readonly arnAuthenticator: Authenticator;
  readonly metrics: Metrics;
  readonly plane: Plane;
  readonly denials: Denials;
}

export interface ApiParams {
  readonly platform: Platform;
  readonly askSts: AskSts;
  /** To the issuers of the settings. */
  readonly fetch: typeof fetch;
  /** As of `planeOf`. */
  readonly webhookRule?: PlaneParams['webhookRule'];
  /** Counts where the settings say nothing. */
  readonly identity?: IdentitySettings;
  /** How live events are streamed where nobody tells of them. */
  readonly stream?: StreamLimits;
}

/** Puts the control plane behind routes. */
export function apiOf({ platform, askSts, fetch, webhookRule, identity = {}, stream }: ApiParams): Api {
  const { deps, serverId } = platform;
  const plane = planeOf(platform, { webhookRule });
  const realNow = (): number => deps.realNow();
  const metrics = createMetrics({
    events: deps.events,
    running: () => deps.services.executions.unfinished(),
    failing: () => failingSubscriptions(deps),
  });
  platform.onAwsCall((call) => metrics.awsCalled(call));
  const { denials, settings, tokens } = plane;
  const identityNow = async () => {
    const { revision, value } = await settings.get();
    return { revision, value: { ...identity, ...value.identity } };
  };
  return {
    plane,
    metrics,
    denials,
    authenticator: createAuthenticator({
      tokens,
      settings: identityNow,
      oidc: { fetch, now: realNow },
      iam: { serverId, askSts, now: realNow },
      denials,
    }),
    arnAuthenticator: arnAuthenticator({
      settings: async () => (await identityNow()).value,
      denials,
      now: realNow,
    }),
    routes: routesOf({ platform, plane, metrics, stream }),
  };
}

function routesOf(params: {
  readonly platform: Platform;
  readonly plane: Plane;
  readonly metrics: Metrics;
  readonly stream: StreamLimits | undefined;
}): AnyRoute[] {
  const { platform, plane, metrics, stream } = params;
  const { control, deps, audit, serverId } = platform;
  const { approvals, evidence, requests } = plane;
  return [
    ...executionsRoutes({
      control,
      requests,
      events: deps.events,
      stream,
      approvals: { decide: async (act) => void (await approvals.decide(act)) },
      reportOf: async (executionId) => {
        const exported = await control.exportExecution({ executionId });
        return renderReport(exported, await evidence.timeline(executionId));
      },
    }),
    ...approvalsRoutes(approvals, () => deps.realNow()),
    ...plansRoutes(plane.plans),
    ...protectionGroupsRoutes(plane.protectionGroups),
    ...targetAccountsRoutes(plane.targetAccounts),
    ...configurationRoutes(plane.configuration),
    ...discoveryRoutes(control),
    ...drsRoutes(plane.drs),
    ...schedulesRoutes(plane.schedules),
    ...triggersRoutes(plane.triggers),
    ...subscriptionsRoutes(plane.subscriptions),
    ...auditRoutes(audit, evidence),
    ...tokensRoutes(plane.tokens),
    ...meRoutes(serverId),
    ...settingsRoutes(plane.settings),
    ...healthRoutes({
      metrics,
      trouble: async () => {
        const failure = platform.failure();
        if (failure !== null) return failure.message;
        await deps.services.executions.list({ limit: 1 });
        return null;
      },
    }),
  ];
}
