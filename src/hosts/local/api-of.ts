import { createAuthenticator } from '#api/identity/create-authenticator.ts';
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
import { settingsRoutes } from '#api/routes/settings.ts';
import { targetAccountsRoutes } from '#api/routes/target-accounts.ts';
import { tokensRoutes } from '#api/routes/tokens.ts';
import type { Authenticator } from '#api/identity/authenticator.ts';
import { renderReport } from '#cli/report/report.ts';
import { createApprovals } from '#control/approvals.ts';
import { createConfiguration } from '#control/configuration.ts';
import { createDrsOperations } from '#control/drs-operations.ts';
import { createEvidence } from '#control/evidence.ts';
import { createExecutionRequests } from '#control/execution-requests.ts';
import { createPlans } from '#control/plans.ts';
import { createProtectionGroups } from '#control/protection-groups.ts';
import { createSettings, type SettingsStore } from '#control/settings.ts';
import { createTargetAccounts } from '#control/target-accounts.ts';
import { createTokens, type Tokens } from '#control/tokens.ts';
import type { Platform } from './platform.ts';

/** The control plane of a platform, and its routes. */
export interface Api {
  readonly routes: readonly AnyRoute[];
  readonly authenticator: Authenticator;
  readonly tokens: Tokens;
  readonly settings: SettingsStore;
  readonly metrics: Metrics;
}

export interface ApiParams {
  readonly platform: Platform;
  readonly askSts: AskSts;
  readonly fetch: typeof fetch;
}

/** Puts the parts of the control plane together. */
export function apiOf({ platform, askSts, fetch }: ApiParams): Api {
  const { control, deps, audit, serverId } = platform;
  const { events, services } = deps;
  const realNow = (): number => deps.realNow();
  const tokens = createTokens(deps);
  const settings = createSettings(deps);
  const approvals = createApprovals(deps);
  const plans = createPlans(deps, control);
  const requests = createExecutionRequests(deps, {
    control,
    planOf: async (planId, version) => (await plans.get(planId, version)).plan,
  });
  const evidence = createEvidence({ control, executions: services.executions, audit, serverId });
  const metrics = createMetrics({ events, running: () => services.executions.unfinished() });
  platform.onAwsCall((call) => metrics.awsCalled(call));
  return {
    tokens,
    settings,
    metrics,
    authenticator: createAuthenticator({
      tokens,
      settings: async () => {
        const { revision, value } = await settings.get();
        return { revision, value: value.identity };
      },
      oidc: { fetch, now: realNow },
      iam: { serverId, askSts, now: realNow },
      audit,
    }),
    routes: [
      ...executionsRoutes({
        control,
        requests,
        events,
        approvals: { decide: async (act) => void (await approvals.decide(act)) },
        reportOf: async (executionId) => {
          const exported = await control.exportExecution({ executionId });
          return renderReport(exported, await evidence.timeline(executionId));
        },
      }),
      ...approvalsRoutes(approvals, realNow),
      ...plansRoutes(plans),
      ...protectionGroupsRoutes(createProtectionGroups(deps)),
      ...targetAccountsRoutes(createTargetAccounts(deps)),
      ...configurationRoutes(createConfiguration(deps)),
      ...discoveryRoutes(control),
      ...drsRoutes(createDrsOperations(deps, { requests })),
      ...auditRoutes(audit, evidence),
      ...tokensRoutes(tokens),
      ...meRoutes(serverId),
      ...settingsRoutes(settings),
      ...healthRoutes({
        metrics,
        trouble: async () => {
          const failure = platform.failure();
          if (failure !== null) return failure.message;
          await services.executions.list({ limit: 1 });
          return null;
        },
      }),
    ],
  };
}
