/**
 * The client of Breakwater's REST API: one method for each operation, and the shapes of what goes in and comes out.
 * Made of the server's /openapi.json by `npm run client`: do not edit.
 */
import { Transport, type Answer, type CallOptions } from './transport.ts';

export class BreakwaterClient extends Transport {
  /**
   * Starts a drill or a recovery.
   *
   * A drill needs `execution:start-drill`, a recovery `execution:start-recovery`; a plan that is not kept needs `plan:write` besides.
   *
   * Needs the permission `execution:start-drill` or `execution:start-recovery`.
   */
  startExecution(
    given: { idempotencyKey?: string | undefined; body: StartExecution },
    options?: CallOptions,
  ): Promise<Answer<{ executionId: string; joined: boolean }>> {
    return this.call({
      method: 'POST',
      path: '/executions',
      headers: { 'idempotency-key': given.idempotencyKey },
      body: given.body,
      options,
    });
  }

  /**
   * Lists executions, the newest first.
   *
   * Plan and mode are looked for among all: a page may have fewer than `limit`, and go on with `nextCursor` all the same.
   *
   * Needs the permission `execution:read`.
   */
  listExecutions(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
      status?:
        | 'planning'
        | 'in_progress'
        | 'paused'
        | 'wave_complete'
        | 'completed'
        | 'failed'
        | 'cancelled'
        | undefined;
      planId?: string | undefined;
      mode?: 'drill' | 'recovery' | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<
    Answer<{
      executions: ExecutionSummary[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: '/executions',
      query: {
        limit: given.limit,
        cursor: given.cursor,
        status: given.status,
        planId: given.planId,
        mode: given.mode,
      },
      options,
    });
  }

  /**
   * Terminates what a drill has launched, by an execution of its own.
   *
   * Needs the permission `execution:terminate`.
   */
  terminateInstances(
    given: { executionId: string; idempotencyKey?: string | undefined; body?: { reason?: string } },
    options?: CallOptions,
  ): Promise<
    Answer<{
      /** Of the clean-up */
      executionId: string;
      sourceServerIds: string[];
      instanceIds: string[];
    }>
  > {
    return this.call({
      method: 'POST',
      path: `/executions/${encodeURIComponent(given.executionId)}/terminate-instances`,
      headers: { 'idempotency-key': given.idempotencyKey },
      body: given.body,
      options,
    });
  }

  /**
   * The whole state of an execution.
   *
   * Needs the permission `execution:read`.
   */
  getExecution(given: { executionId: string }, options?: CallOptions): Promise<Answer<Execution>> {
    return this.call({
      method: 'GET',
      path: `/executions/${encodeURIComponent(given.executionId)}`,
      options,
    });
  }

  /**
   * Its gates, open and closed.
   *
   * Needs the permission `execution:read`.
   */
  listGates(given: { executionId: string }, options?: CallOptions): Promise<Answer<{ gates: Gate[] }>> {
    return this.call({
      method: 'GET',
      path: `/executions/${encodeURIComponent(given.executionId)}/gates`,
      options,
    });
  }

  /**
   * What became of each resource.
   *
   * Needs the permission `execution:read`.
   */
  listResources(
    given: { executionId: string },
    options?: CallOptions,
  ): Promise<Answer<{ resources: ResourceRow[] }>> {
    return this.call({
      method: 'GET',
      path: `/executions/${encodeURIComponent(given.executionId)}/resources`,
      options,
    });
  }

  /**
   * The export of an execution.
   *
   * Needs the permission `execution:read`.
   */
  exportExecution(given: { executionId: string }, options?: CallOptions): Promise<Answer<ExecutionExport>> {
    return this.call({
      method: 'GET',
      path: `/executions/${encodeURIComponent(given.executionId)}/export`,
      options,
    });
  }

  /**
   * The report for people, as HTML without scripts.
   *
   * Needs the permission `execution:read`.
   */
  getReport(given: { executionId: string }, options?: CallOptions): Promise<Answer<string>> {
    return this.call({
      method: 'GET',
      path: `/executions/${encodeURIComponent(given.executionId)}/report`,
      options,
    });
  }

  /**
   * Its events, a page or live.
   *
   * With `Accept: text/event-stream` they come as server-sent events, from `Last-Event-ID` on, until the execution has ended.
   *
   * Needs the permission `execution:read`.
   */
  listEvents(
    given: {
      /** The last sequence number that is known */
      after?: number | undefined;
      limit?: number | undefined;
      executionId: string;
    },
    options?: CallOptions,
  ): Promise<Answer<{ events: ExecutionEvent[] }>> {
    return this.call({
      method: 'GET',
      path: `/executions/${encodeURIComponent(given.executionId)}/events`,
      query: { after: given.after, limit: given.limit },
      options,
    });
  }

  /**
   * Lets no wave begin until someone resumes.
   *
   * Needs the permission `execution:control`.
   */
  pauseExecution(
    given: { executionId: string; body?: { reason?: string } },
    options?: CallOptions,
  ): Promise<Answer<Execution>> {
    return this.call({
      method: 'POST',
      path: `/executions/${encodeURIComponent(given.executionId)}/pause`,
      body: given.body,
      options,
    });
  }

  /**
   * Takes back a pause, and opens all pause gates.
   *
   * Needs the permission `execution:control`.
   */
  resumeExecution(
    given: { executionId: string; body?: { reason?: string } },
    options?: CallOptions,
  ): Promise<Answer<Execution>> {
    return this.call({
      method: 'POST',
      path: `/executions/${encodeURIComponent(given.executionId)}/resume`,
      body: given.body,
      options,
    });
  }

  /**
   * Cancels gracefully; clean-up runs. If all waves are complete already, it ends as completed.
   *
   * Needs the permission `execution:control`.
   */
  cancelExecution(
    given: { executionId: string; body?: { reason?: string } },
    options?: CallOptions,
  ): Promise<Answer<Execution>> {
    return this.call({
      method: 'POST',
      path: `/executions/${encodeURIComponent(given.executionId)}/cancel`,
      body: given.body,
      options,
    });
  }

  /**
   * Acts at a gate: approve, reject, resume, retry, skip with a reason, cancel.
   *
   * `approve` and `reject` need `gate:approve`, all others `gate:decide`.
   *
   * Needs the permission `gate:decide` or `gate:approve`.
   */
  actAtGate(
    given: { executionId: string; gateId: string; body: GateAct },
    options?: CallOptions,
  ): Promise<Answer<Execution>> {
    return this.call({
      method: 'POST',
      path: `/executions/${encodeURIComponent(given.executionId)}/gates/${encodeURIComponent(given.gateId)}`,
      body: given.body,
      options,
    });
  }

  /**
   * Approvals that wait for me: where mine would still count.
   *
   * Needs the permission `gate:approve`.
   */
  listApprovals(options?: CallOptions): Promise<Answer<{ approvals: WaitingApproval[] }>> {
    return this.call({ method: 'GET', path: '/approvals', options });
  }

  /**
   * Makes a one-time link that works without login; it is in this answer and nowhere else.
   *
   * For oneself it needs `gate:approve`, for others `token:write`. The starter of the execution cannot make one.
   *
   * Needs the permission `gate:approve` or `token:write`.
   */
  createApprovalLink(
    given: {
      body: {
        executionId: string;
        gateId: string;
        /** Who it counts as: the id that they have here as well */
        forPrincipal: {
          id: string;
          /** For people to read; default: the id */
          name?: string;
          roles: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[];
        };
        /** ISO 8601 duration, at most P7D */
        expiresIn?: string;
      };
    },
    options?: CallOptions,
  ): Promise<Answer<ApprovalLink>> {
    return this.call({ method: 'POST', path: '/approvals/links', body: given.body, options });
  }

  /**
   * Approves or rejects by a one-time link, without login.
   *
   * An address that presents what is no link is slowed down.
   *
   * Needs no identity.
   */
  useApprovalLink(
    given: {
      body: {
        token: string;
        action: 'approve' | 'reject';
        /** A rejection needs it */
        reason?: string;
        changeTicket?: string;
      };
    },
    options?: CallOptions,
  ): Promise<Answer<ApprovalResult>> {
    return this.call({ method: 'POST', path: '/approvals/links/use', body: given.body, options });
  }

  /**
   * Lists recovery plans.
   *
   * Needs the permission `plan:read`.
   */
  listPlans(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<
    Answer<{
      plans: PlanSummary[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: '/recovery-plans',
      query: { limit: given.limit, cursor: given.cursor },
      options,
    });
  }

  /**
   * Keeps a new recovery plan, from JSON or YAML.
   *
   * Needs the permission `plan:write`.
   */
  createPlan(
    given: {
      /** A text is sent as YAML. */
      body: PlanInput | string;
    },
    options?: CallOptions,
  ): Promise<Answer<StoredPlan>> {
    return this.call({ method: 'POST', path: '/recovery-plans', body: given.body, options });
  }

  /**
   * A recovery plan in its newest version.
   *
   * Needs the permission `plan:read`.
   */
  getPlan(given: { planId: string }, options?: CallOptions): Promise<Answer<StoredPlan>> {
    return this.call({ method: 'GET', path: `/recovery-plans/${encodeURIComponent(given.planId)}`, options });
  }

  /**
   * Puts a new version in place.
   *
   * Needs the permission `plan:write`.
   */
  updatePlan(
    given: {
      planId: string;
      /** The ETag of the last read */
      ifMatch: string;
      /** A text is sent as YAML. */
      body: PlanInput | string;
    },
    options?: CallOptions,
  ): Promise<Answer<StoredPlan>> {
    return this.call({
      method: 'PUT',
      path: `/recovery-plans/${encodeURIComponent(given.planId)}`,
      headers: { 'if-match': given.ifMatch },
      body: given.body,
      options,
    });
  }

  /**
   * Removes a recovery plan; executions keep the plan that they ran.
   *
   * Needs the permission `plan:write`.
   */
  deletePlan(
    given: {
      planId: string;
      /** The ETag of the last read */
      ifMatch: string;
    },
    options?: CallOptions,
  ): Promise<Answer<undefined>> {
    return this.call({
      method: 'DELETE',
      path: `/recovery-plans/${encodeURIComponent(given.planId)}`,
      headers: { 'if-match': given.ifMatch },
      options,
    });
  }

  /**
   * Its versions, the newest first.
   *
   * Needs the permission `plan:read`.
   */
  listPlanVersions(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
      planId: string;
    },
    options?: CallOptions,
  ): Promise<
    Answer<{
      versions: PlanSummary[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: `/recovery-plans/${encodeURIComponent(given.planId)}/versions`,
      query: { limit: given.limit, cursor: given.cursor },
      options,
    });
  }

  /**
   * One version.
   *
   * Needs the permission `plan:read`.
   */
  getPlanVersion(
    given: { planId: string; version: number },
    options?: CallOptions,
  ): Promise<Answer<StoredPlan>> {
    return this.call({
      method: 'GET',
      path: `/recovery-plans/${encodeURIComponent(given.planId)}/versions/${encodeURIComponent(given.version)}`,
      options,
    });
  }

  /**
   * What differs between two versions.
   *
   * Needs the permission `plan:read`.
   */
  diffPlan(
    given: { from: number; to: number; planId: string },
    options?: CallOptions,
  ): Promise<Answer<{ differences: Difference[] }>> {
    return this.call({
      method: 'GET',
      path: `/recovery-plans/${encodeURIComponent(given.planId)}/diff`,
      query: { from: given.from, to: given.to },
      options,
    });
  }

  /**
   * Checks a plan that is not kept.
   *
   * Needs the permission `plan:read`.
   */
  validatePlanGiven(
    given: { body: { plan: PlanInput; mode?: 'drill' | 'recovery' } },
    options?: CallOptions,
  ): Promise<Answer<PlanAssessment>> {
    return this.call({ method: 'POST', path: '/recovery-plans/validate', body: given.body, options });
  }

  /**
   * Checks a kept plan: its graph, and all of it against the estate.
   *
   * Needs the permission `plan:read`.
   */
  validatePlan(
    given: { planId: string; body?: { mode?: 'drill' | 'recovery' } },
    options?: CallOptions,
  ): Promise<Answer<PlanAssessment>> {
    return this.call({
      method: 'POST',
      path: `/recovery-plans/${encodeURIComponent(given.planId)}/validate`,
      body: given.body,
      options,
    });
  }

  /**
   * Every AWS call it would make, IAM actions, quotas, expected duration; nothing is done.
   *
   * Needs the permission `plan:read`.
   */
  dryRunPlan(
    given: { planId: string; body?: { mode?: 'drill' | 'recovery' } },
    options?: CallOptions,
  ): Promise<Answer<DryRun>> {
    return this.call({
      method: 'POST',
      path: `/recovery-plans/${encodeURIComponent(given.planId)}/dry-run`,
      body: given.body,
      options,
    });
  }

  /**
   * Lists protection groups.
   *
   * Needs the permission `group:read`.
   */
  listProtectionGroups(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<
    Answer<{
      protectionGroups: ProtectionGroup[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: '/protection-groups',
      query: { limit: given.limit, cursor: given.cursor },
      options,
    });
  }

  /**
   * Makes a protection group.
   *
   * Needs the permission `group:write`.
   */
  createProtectionGroup(
    given: { body: ProtectionGroupInput },
    options?: CallOptions,
  ): Promise<Answer<ProtectionGroup>> {
    return this.call({ method: 'POST', path: '/protection-groups', body: given.body, options });
  }

  /**
   * Gets a protection group.
   *
   * Needs the permission `group:read`.
   */
  getProtectionGroup(given: { groupId: string }, options?: CallOptions): Promise<Answer<ProtectionGroup>> {
    return this.call({
      method: 'GET',
      path: `/protection-groups/${encodeURIComponent(given.groupId)}`,
      options,
    });
  }

  /**
   * Changes a protection group.
   *
   * Needs the permission `group:write`.
   */
  updateProtectionGroup(
    given: {
      groupId: string;
      /** The ETag of the last read */
      ifMatch: string;
      body: ProtectionGroupInput;
    },
    options?: CallOptions,
  ): Promise<Answer<ProtectionGroup>> {
    return this.call({
      method: 'PUT',
      path: `/protection-groups/${encodeURIComponent(given.groupId)}`,
      headers: { 'if-match': given.ifMatch },
      body: given.body,
      options,
    });
  }

  /**
   * Removes a protection group.
   *
   * Needs the permission `group:write`.
   */
  deleteProtectionGroup(
    given: {
      groupId: string;
      /** The ETag of the last read */
      ifMatch: string;
    },
    options?: CallOptions,
  ): Promise<Answer<undefined>> {
    return this.call({
      method: 'DELETE',
      path: `/protection-groups/${encodeURIComponent(given.groupId)}`,
      headers: { 'if-match': given.ifMatch },
      options,
    });
  }

  /**
   * The servers that a kept group, or tags and ids, match now.
   *
   * To match nothing is no error: the answer warns of it.
   *
   * Needs the permission `group:read`.
   */
  resolveProtectionGroup(
    given: {
      body: {
        groupId?: string;
        tags?: { [key: string]: string };
        sourceServerIds?: string[];
        accountId?: string;
        region?: string;
        places?: { accountId?: string; region?: string }[];
      };
    },
    options?: CallOptions,
  ): Promise<Answer<ResolvedGroup>> {
    return this.call({ method: 'POST', path: '/protection-groups/resolve', body: given.body, options });
  }

  /**
   * Lists target accounts.
   *
   * Needs the permission `account:read`.
   */
  listTargetAccounts(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<
    Answer<{
      targetAccounts: TargetAccount[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: '/target-accounts',
      query: { limit: given.limit, cursor: given.cursor },
      options,
    });
  }

  /**
   * Makes a target account.
   *
   * Needs the permission `account:write`.
   */
  createTargetAccount(
    given: { body: TargetAccountInput },
    options?: CallOptions,
  ): Promise<Answer<TargetAccount>> {
    return this.call({ method: 'POST', path: '/target-accounts', body: given.body, options });
  }

  /**
   * Gets a target account.
   *
   * Needs the permission `account:read`.
   */
  getTargetAccount(given: { accountId: string }, options?: CallOptions): Promise<Answer<TargetAccount>> {
    return this.call({
      method: 'GET',
      path: `/target-accounts/${encodeURIComponent(given.accountId)}`,
      options,
    });
  }

  /**
   * Changes a target account.
   *
   * Needs the permission `account:write`.
   */
  updateTargetAccount(
    given: {
      accountId: string;
      /** The ETag of the last read */
      ifMatch: string;
      body: TargetAccountInput;
    },
    options?: CallOptions,
  ): Promise<Answer<TargetAccount>> {
    return this.call({
      method: 'PUT',
      path: `/target-accounts/${encodeURIComponent(given.accountId)}`,
      headers: { 'if-match': given.ifMatch },
      body: given.body,
      options,
    });
  }

  /**
   * Removes a target account.
   *
   * Needs the permission `account:write`.
   */
  deleteTargetAccount(
    given: {
      accountId: string;
      /** The ETag of the last read */
      ifMatch: string;
    },
    options?: CallOptions,
  ): Promise<Answer<undefined>> {
    return this.call({
      method: 'DELETE',
      path: `/target-accounts/${encodeURIComponent(given.accountId)}`,
      headers: { 'if-match': given.ifMatch },
      options,
    });
  }

  /**
   * Tries its role, external id, permissions and DRS in every Region of it.
   *
   * A check that fails is part of the answer. Only reads are tried: what would change something is not.
   *
   * Needs the permission `account:read`.
   */
  validateTargetAccount(given: { accountId: string }, options?: CallOptions): Promise<Answer<AccountChecks>> {
    return this.call({
      method: 'POST',
      path: `/target-accounts/${encodeURIComponent(given.accountId)}/validate`,
      options,
    });
  }

  /**
   * Plans, groups, accounts, schedules, triggers and settings as one document, without secrets.
   *
   * With `format=yaml` the answer is YAML.
   *
   * Needs the permission `configuration:read`.
   */
  exportConfiguration(
    given: { format?: 'json' | 'yaml' | undefined } = {},
    options?: CallOptions,
  ): Promise<Answer<ConfigurationExport | string>> {
    return this.call({
      method: 'GET',
      path: '/configuration/export',
      query: { format: given.format },
      options,
    });
  }

  /**
   * Puts a document of an export in place: all of it or nothing.
   *
   * What the document does not name stays as it is. With `preview=true` nothing is written, and the answer is what would differ.
   *
   * Needs the permission `configuration:write`.
   */
  importConfiguration(
    given: {
      preview?: 'true' | 'false' | undefined;
      /** A text is sent as YAML. */
      body:
        | {
            formatVersion?: 1;
            recoveryPlans?: PlanInput[];
            protectionGroups?: ProtectionGroupInput[];
            targetAccounts?: TargetAccountInput[];
            schedules?: ScheduleDefinitionInput[];
            triggers?: TriggerDefinitionInput[];
            subscriptions?: PublicSubscriptionInput[];
            settings?: SettingsInput;
          }
        | string;
    },
    options?: CallOptions,
  ): Promise<Answer<ConfigurationImport>> {
    return this.call({
      method: 'POST',
      path: '/configuration/import',
      query: { preview: given.preview },
      body: given.body,
      options,
    });
  }

  /**
   * Finds resources by their tags.
   *
   * Needs the permission `discovery:read`.
   */
  discover(
    given: {
      body: {
        discoveryQuery: {
          tags: { [key: string]: string };
          technologies?: ('drs' | 'database' | 'application' | 'infrastructure')[];
        };
        accountId?: string;
        region?: string;
      };
    },
    options?: CallOptions,
  ): Promise<Answer<DiscoveryAnswer>> {
    return this.call({ method: 'POST', path: '/discovery', body: given.body, options });
  }

  /**
   * Lists source servers, with replication and lag.
   *
   * Needs the permission `drs:read`.
   */
  listSourceServers(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
      /** Default: the account of the caller of AWS */
      accountId?: string | undefined;
      /** Default: the configured Region */
      region?: string | undefined;
      /** `key=value`; may be repeated, and all must match */
      tag?: string | string[] | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<
    Answer<{
      sourceServers: SourceServer[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: '/drs/source-servers',
      query: {
        limit: given.limit,
        cursor: given.cursor,
        accountId: given.accountId,
        region: given.region,
        tag: given.tag,
      },
      options,
    });
  }

  /**
   * A source server with its replication, disk by disk.
   *
   * Needs the permission `drs:read`.
   */
  getSourceServer(
    given: {
      /** Default: the account of the caller of AWS */
      accountId?: string | undefined;
      /** Default: the configured Region */
      region?: string | undefined;
      sourceServerId: string;
    },
    options?: CallOptions,
  ): Promise<Answer<SourceServerDetails>> {
    return this.call({
      method: 'GET',
      path: `/drs/source-servers/${encodeURIComponent(given.sourceServerId)}`,
      query: { accountId: given.accountId, region: given.region },
      options,
    });
  }

  /**
   * How a source server is launched.
   *
   * Needs the permission `drs:read`.
   */
  getLaunchConfiguration(
    given: {
      /** Default: the account of the caller of AWS */
      accountId?: string | undefined;
      /** Default: the configured Region */
      region?: string | undefined;
      sourceServerId: string;
    },
    options?: CallOptions,
  ): Promise<Answer<LaunchConfiguration>> {
    return this.call({
      method: 'GET',
      path: `/drs/source-servers/${encodeURIComponent(given.sourceServerId)}/launch-configuration`,
      query: { accountId: given.accountId, region: given.region },
      options,
    });
  }

  /**
   * Changes how a source server is launched; counts for launches that start later.
   *
   * The ETag is made of the content, since AWS counts no revisions. A change that goes past Breakwater between its look and its change is not noticed: AWS changes nothing on condition.
   *
   * Needs the permission `drs:write`.
   */
  putLaunchConfiguration(
    given: {
      /** Default: the account of the caller of AWS */
      accountId?: string | undefined;
      /** Default: the configured Region */
      region?: string | undefined;
      sourceServerId: string;
      /** The ETag of the last read */
      ifMatch: string;
      body: {
        /** Left out in a change: it stays */
        name?: string;
        launchDisposition: 'STARTED' | 'STOPPED';
        targetInstanceTypeRightSizingMethod: 'NONE' | 'BASIC' | 'IN_AWS';
        copyPrivateIp: boolean;
        copyTags: boolean;
        /** Bring your own licence */
        osByol?: boolean;
        postLaunchEnabled?: boolean;
        /** Launches into this instance; left out: into a new one */
        launchIntoEc2InstanceId?: string;
      };
    },
    options?: CallOptions,
  ): Promise<Answer<LaunchConfiguration>> {
    return this.call({
      method: 'PUT',
      path: `/drs/source-servers/${encodeURIComponent(given.sourceServerId)}/launch-configuration`,
      query: { accountId: given.accountId, region: given.region },
      headers: { 'if-match': given.ifMatch },
      body: given.body,
      options,
    });
  }

  /**
   * Lists jobs of DRS, the newest first, whoever has started them.
   *
   * Needs the permission `drs:read`.
   */
  listDrsJobs(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
      /** Default: the account of the caller of AWS */
      accountId?: string | undefined;
      /** Default: the configured Region */
      region?: string | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<
    Answer<{
      jobs: DrsJob[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: '/drs/jobs',
      query: { limit: given.limit, cursor: given.cursor, accountId: given.accountId, region: given.region },
      options,
    });
  }

  /**
   * A job of DRS, server by server.
   *
   * Needs the permission `drs:read`.
   */
  getDrsJob(
    given: {
      /** Default: the account of the caller of AWS */
      accountId?: string | undefined;
      /** Default: the configured Region */
      region?: string | undefined;
      jobId: string;
    },
    options?: CallOptions,
  ): Promise<Answer<DrsJob>> {
    return this.call({
      method: 'GET',
      path: `/drs/jobs/${encodeURIComponent(given.jobId)}`,
      query: { accountId: given.accountId, region: given.region },
      options,
    });
  }

  /**
   * What a job has done, in the order of time.
   *
   * Needs the permission `drs:read`.
   */
  getDrsJobLog(
    given: {
      /** Default: the account of the caller of AWS */
      accountId?: string | undefined;
      /** Default: the configured Region */
      region?: string | undefined;
      jobId: string;
    },
    options?: CallOptions,
  ): Promise<Answer<{ jobLog: DrsJobLogItem[] }>> {
    return this.call({
      method: 'GET',
      path: `/drs/jobs/${encodeURIComponent(given.jobId)}/log`,
      query: { accountId: given.accountId, region: given.region },
      options,
    });
  }

  /**
   * Lists what DRS has launched and is there still.
   *
   * Needs the permission `drs:read`.
   */
  listRecoveryInstances(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
      /** Default: the account of the caller of AWS */
      accountId?: string | undefined;
      /** Default: the configured Region */
      region?: string | undefined;
      sourceServerId?: string | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<
    Answer<{
      recoveryInstances: RecoveryInstance[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: '/drs/recovery-instances',
      query: {
        limit: given.limit,
        cursor: given.cursor,
        accountId: given.accountId,
        region: given.region,
        sourceServerId: given.sourceServerId,
      },
      options,
    });
  }

  /**
   * Terminates recovery instances, by an execution of its own.
   *
   * The execution tells the jobs of DRS and what became of each instance. Mode `recovery` needs `execution:start-recovery` as well.
   *
   * Needs the permission `execution:terminate`.
   */
  terminateRecoveryInstances(
    given: {
      idempotencyKey?: string | undefined;
      body: {
        /** Default: the account of the caller of AWS */
        accountId?: string;
        /** Default: the configured Region */
        region?: string;
        recoveryInstanceIds: string[];
        /** `drill`: instances that a recovery has launched are refused; `recovery`: they go as well */
        mode?: 'drill' | 'recovery';
        reason?: string;
      };
    },
    options?: CallOptions,
  ): Promise<Answer<{ executionId: string; joined: boolean }>> {
    return this.call({
      method: 'POST',
      path: '/drs/recovery-instances/terminate',
      headers: { 'idempotency-key': given.idempotencyKey },
      body: given.body,
      options,
    });
  }

  /**
   * Copies the tags of EC2 instances to the source servers that replicate them.
   *
   * The account and Region are those of the source servers; instances are read where they live.
   *
   * Needs the permission `drs:write`.
   */
  startTagSync(
    given: {
      idempotencyKey?: string | undefined;
      body: {
        /** Default: the account of the caller of AWS */
        accountId?: string;
        /** Default: the configured Region */
        region?: string;
        /** Says what would change, and changes nothing */
        dryRun?: boolean;
        /** Takes away what a server has and its instance has not; otherwise tags are only set */
        removeOthers?: boolean;
      };
    },
    options?: CallOptions,
  ): Promise<Answer<TagSync>> {
    return this.call({
      method: 'POST',
      path: '/drs/tag-sync',
      headers: { 'idempotency-key': given.idempotencyKey },
      body: given.body,
      options,
    });
  }

  /**
   * How far a run has come, and what it has changed.
   *
   * Needs the permission `drs:read`.
   */
  getTagSync(given: { runId: string }, options?: CallOptions): Promise<Answer<TagSync>> {
    return this.call({ method: 'GET', path: `/drs/tag-sync/${encodeURIComponent(given.runId)}`, options });
  }

  /**
   * The limits of DRS, and how much of them is used now.
   *
   * Needs the permission `drs:read`.
   */
  getDrsQuotas(
    given: {
      /** Default: the account of the caller of AWS */
      accountId?: string | undefined;
      /** Default: the configured Region */
      region?: string | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<Answer<{ region: string; quotas: DrsQuota[] }>> {
    return this.call({
      method: 'GET',
      path: '/drs/quotas',
      query: { accountId: given.accountId, region: given.region },
      options,
    });
  }

  /**
   * Lists schedules.
   *
   * Needs the permission `schedule:read`.
   */
  listSchedules(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<
    Answer<{
      schedules: Schedule[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: '/schedules',
      query: { limit: given.limit, cursor: given.cursor },
      options,
    });
  }

  /**
   * Makes a schedule.
   *
   * Needs the permission `schedule:write`.
   */
  createSchedule(given: { body: ScheduleDefinitionInput }, options?: CallOptions): Promise<Answer<Schedule>> {
    return this.call({ method: 'POST', path: '/schedules', body: given.body, options });
  }

  /**
   * Gets a schedule.
   *
   * Needs the permission `schedule:read`.
   */
  getSchedule(given: { scheduleId: string }, options?: CallOptions): Promise<Answer<Schedule>> {
    return this.call({ method: 'GET', path: `/schedules/${encodeURIComponent(given.scheduleId)}`, options });
  }

  /**
   * Changes a schedule.
   *
   * Needs the permission `schedule:write`.
   */
  updateSchedule(
    given: {
      scheduleId: string;
      /** The ETag of the last read */
      ifMatch: string;
      body: ScheduleDefinitionInput;
    },
    options?: CallOptions,
  ): Promise<Answer<Schedule>> {
    return this.call({
      method: 'PUT',
      path: `/schedules/${encodeURIComponent(given.scheduleId)}`,
      headers: { 'if-match': given.ifMatch },
      body: given.body,
      options,
    });
  }

  /**
   * Removes a schedule.
   *
   * Needs the permission `schedule:write`.
   */
  deleteSchedule(
    given: {
      scheduleId: string;
      /** The ETag of the last read */
      ifMatch: string;
    },
    options?: CallOptions,
  ): Promise<Answer<undefined>> {
    return this.call({
      method: 'DELETE',
      path: `/schedules/${encodeURIComponent(given.scheduleId)}`,
      headers: { 'if-match': given.ifMatch },
      options,
    });
  }

  /**
   * Lists triggers.
   *
   * Needs the permission `trigger:read`.
   */
  listTriggers(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<
    Answer<{
      triggers: Trigger[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: '/triggers',
      query: { limit: given.limit, cursor: given.cursor },
      options,
    });
  }

  /**
   * Makes a trigger.
   *
   * Needs `execution:start-drill` or `execution:start-recovery` besides, by its mode.
   *
   * Needs the permission `trigger:write`.
   */
  createTrigger(given: { body: TriggerDefinitionInput }, options?: CallOptions): Promise<Answer<Trigger>> {
    return this.call({ method: 'POST', path: '/triggers', body: given.body, options });
  }

  /**
   * Gets a trigger.
   *
   * Needs the permission `trigger:read`.
   */
  getTrigger(given: { triggerId: string }, options?: CallOptions): Promise<Answer<Trigger>> {
    return this.call({ method: 'GET', path: `/triggers/${encodeURIComponent(given.triggerId)}`, options });
  }

  /**
   * Changes a trigger.
   *
   * Needs `execution:start-drill` or `execution:start-recovery` besides, by its mode.
   *
   * Needs the permission `trigger:write`.
   */
  updateTrigger(
    given: {
      triggerId: string;
      /** The ETag of the last read */
      ifMatch: string;
      body: TriggerDefinitionInput;
    },
    options?: CallOptions,
  ): Promise<Answer<Trigger>> {
    return this.call({
      method: 'PUT',
      path: `/triggers/${encodeURIComponent(given.triggerId)}`,
      headers: { 'if-match': given.ifMatch },
      body: given.body,
      options,
    });
  }

  /**
   * Removes a trigger.
   *
   * Needs the permission `trigger:write`.
   */
  deleteTrigger(
    given: {
      triggerId: string;
      /** The ETag of the last read */
      ifMatch: string;
    },
    options?: CallOptions,
  ): Promise<Answer<undefined>> {
    return this.call({
      method: 'DELETE',
      path: `/triggers/${encodeURIComponent(given.triggerId)}`,
      headers: { 'if-match': given.ifMatch },
      options,
    });
  }

  /**
   * Takes an event of EventBridge, as an API destination sends it.
   *
   * An event that does not match, has come before within 24 hours, or comes too soon after the last start is taken and starts nothing.
   *
   * Needs the permission `trigger:fire`.
   */
  fireTrigger(
    given: { triggerId: string; body: IncomingEvent },
    options?: CallOptions,
  ): Promise<Answer<Fired>> {
    return this.call({
      method: 'POST',
      path: `/triggers/${encodeURIComponent(given.triggerId)}/events`,
      body: given.body,
      options,
    });
  }

  /**
   * Lists subscriptions.
   *
   * Needs the permission `configuration:read`.
   */
  listSubscriptions(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<
    Answer<{
      subscriptions: Subscription[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: '/subscriptions',
      query: { limit: given.limit, cursor: given.cursor },
      options,
    });
  }

  /**
   * Makes a subscription.
   *
   * Needs the permission `configuration:write`.
   */
  createSubscription(
    given: { body: SubscriptionDefinition },
    options?: CallOptions,
  ): Promise<Answer<Subscription>> {
    return this.call({ method: 'POST', path: '/subscriptions', body: given.body, options });
  }

  /**
   * Gets a subscription.
   *
   * Needs the permission `configuration:read`.
   */
  getSubscription(given: { subscriptionId: string }, options?: CallOptions): Promise<Answer<Subscription>> {
    return this.call({
      method: 'GET',
      path: `/subscriptions/${encodeURIComponent(given.subscriptionId)}`,
      options,
    });
  }

  /**
   * Changes a subscription.
   *
   * Needs the permission `configuration:write`.
   */
  updateSubscription(
    given: {
      subscriptionId: string;
      /** The ETag of the last read */
      ifMatch: string;
      body: SubscriptionDefinition;
    },
    options?: CallOptions,
  ): Promise<Answer<Subscription>> {
    return this.call({
      method: 'PUT',
      path: `/subscriptions/${encodeURIComponent(given.subscriptionId)}`,
      headers: { 'if-match': given.ifMatch },
      body: given.body,
      options,
    });
  }

  /**
   * Removes a subscription.
   *
   * Needs the permission `configuration:write`.
   */
  deleteSubscription(
    given: {
      subscriptionId: string;
      /** The ETag of the last read */
      ifMatch: string;
    },
    options?: CallOptions,
  ): Promise<Answer<undefined>> {
    return this.call({
      method: 'DELETE',
      path: `/subscriptions/${encodeURIComponent(given.subscriptionId)}`,
      headers: { 'if-match': given.ifMatch },
      options,
    });
  }

  /**
   * Sends an event of no execution, `SubscriptionTested`, now and once.
   *
   * A delivery that fails is an answer too: its `result` and `detail` say so.
   *
   * Needs the permission `configuration:write`.
   */
  testSubscription(given: { subscriptionId: string }, options?: CallOptions): Promise<Answer<Delivery>> {
    return this.call({
      method: 'POST',
      path: `/subscriptions/${encodeURIComponent(given.subscriptionId)}/test`,
      options,
    });
  }

  /**
   * The audit trail, oldest first.
   *
   * A page may hold fewer than `limit` and still have a next one, when few records match.
   *
   * Needs the permission `audit:read`.
   */
  listAudit(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
      executionId?: string | undefined;
      /** Such as `plan.update` or `aws.call` */
      action?: string | undefined;
      /** The id of a principal */
      by?: string | undefined;
      from?: string | undefined;
      /** Not included */
      to?: string | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<
    Answer<{
      records: ChainedAuditRecord[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: '/audit',
      query: {
        limit: given.limit,
        cursor: given.cursor,
        executionId: given.executionId,
        action: given.action,
        by: given.by,
        from: given.from,
        to: given.to,
      },
      options,
    });
  }

  /**
   * Proves the whole chain, or names its first broken link.
   *
   * With `limit` a part of it, within some 15 seconds: `ok` is said of what was looked at. A part begins behind the link that the part before ended with, so those from the first to the one without `nextCursor` prove the whole together.
   *
   * Needs the permission `audit:read`.
   */
  verifyAudit(
    given: {
      /** Records to look at, at most */
      limit?: number | undefined;
      /** `nextCursor` of the part before */
      cursor?: string | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<Answer<AuditVerdict>> {
    return this.call({
      method: 'POST',
      path: '/audit/verify',
      query: { limit: given.limit, cursor: given.cursor },
      options,
    });
  }

  /**
   * The evidence bundle of an execution, in one download.
   *
   * Verify it anywhere with `breakwater audit verify --bundle FILE`.
   *
   * Needs the permission `audit:read`.
   */
  getEvidence(given: { executionId: string }, options?: CallOptions): Promise<Answer<EvidenceBundle>> {
    return this.call({
      method: 'GET',
      path: `/executions/${encodeURIComponent(given.executionId)}/evidence`,
      options,
    });
  }

  /**
   * The outcomes as JUnit XML, for pipelines.
   *
   * Needs the permission `execution:read`.
   */
  getJunit(given: { executionId: string }, options?: CallOptions): Promise<Answer<string>> {
    return this.call({
      method: 'GET',
      path: `/executions/${encodeURIComponent(given.executionId)}/junit`,
      options,
    });
  }

  /**
   * Lists local tokens, without their secrets.
   *
   * Needs the permission `token:read`.
   */
  listTokens(
    given: {
      limit?: number | undefined;
      /** From `nextCursor` of the page before */
      cursor?: string | undefined;
    } = {},
    options?: CallOptions,
  ): Promise<
    Answer<{
      tokens: Token[];
      /** Ask for the next page with it; missing on the last page */
      nextCursor?: string;
    }>
  > {
    return this.call({
      method: 'GET',
      path: '/tokens',
      query: { limit: given.limit, cursor: given.cursor },
      options,
    });
  }

  /**
   * Makes a local token; its text is in this answer and nowhere else.
   *
   * Needs the permission `token:write`.
   */
  createToken(
    given: {
      body: {
        name: string;
        roles: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[];
        expiresInDays?: number;
      };
    },
    options?: CallOptions,
  ): Promise<Answer<TokenWithSecret>> {
    return this.call({ method: 'POST', path: '/tokens', body: given.body, options });
  }

  /**
   * Revokes a local token at once.
   *
   * Needs the permission `token:write`.
   */
  revokeToken(given: { tokenId: string }, options?: CallOptions): Promise<Answer<undefined>> {
    return this.call({ method: 'DELETE', path: `/tokens/${encodeURIComponent(given.tokenId)}`, options });
  }

  /**
   * Who asks, with roles and permissions.
   *
   * Needs an identity, no permission.
   */
  getMe(options?: CallOptions): Promise<Answer<Me>> {
    return this.call({ method: 'GET', path: '/me', options });
  }

  /**
   * The settings.
   *
   * Needs the permission `configuration:read`.
   */
  getSettings(options?: CallOptions): Promise<Answer<Settings>> {
    return this.call({ method: 'GET', path: '/configuration/settings', options });
  }

  /**
   * Puts other settings in place.
   *
   * Needs the permission `configuration:write`.
   */
  putSettings(
    given: {
      /** The ETag of the last read */
      ifMatch: string;
      body: SettingsInput;
    },
    options?: CallOptions,
  ): Promise<Answer<Settings>> {
    return this.call({
      method: 'PUT',
      path: '/configuration/settings',
      headers: { 'if-match': given.ifMatch },
      body: given.body,
      options,
    });
  }

  /**
   * The process lives.
   *
   * Needs no identity.
   */
  getHealth(options?: CallOptions): Promise<Answer<{ status: 'ok' }>> {
    return this.call({ method: 'GET', path: '/health', options });
  }

  /**
   * The server can do its work; 503 when it cannot.
   *
   * Needs no identity.
   */
  getReady(options?: CallOptions): Promise<Answer<{ status: 'ready' }>> {
    return this.call({ method: 'GET', path: '/ready', options });
  }

  /**
   * Metrics for Prometheus.
   *
   * Needs the permission `execution:read`.
   */
  getMetrics(options?: CallOptions): Promise<Answer<string>> {
    return this.call({ method: 'GET', path: '/metrics', options });
  }
}

export interface StartExecution {
  planId?: string;
  /** Of the stored plan; default: the newest */
  version?: number;
  /** A plan that is not stored */
  plan?: PlanInput;
  mode: 'drill' | 'recovery';
  /** Opens pause gates by itself: for pipelines */
  autoResume?: boolean;
  /** Answers an unfinished execution of the very same plan and mode, if there is one */
  joinUnfinished?: boolean;
  parentExecutionId?: string;
  reason?: string;
}

export interface GateAct {
  action: 'resume' | 'retry' | 'skip' | 'cancel' | 'approve' | 'reject';
  reason?: string;
  changeTicket?: string;
}

export interface IncomingEvent {
  id: string;
  [key: string]: unknown;
}

export interface PlanInput {
  planId?: string;
  name?: string;
  description?: string;
  tags?: { [key: string]: string };
  approval?: ApprovalRuleInput;
  objectives?: { rto?: string; rpo?: string };
  accountId?: string;
  region?: string;
  protectionGroups?: ProtectionGroupInput[];
  scripts?: { [key: string]: ScriptInput };
  waves: WaveInput[];
}

export interface WaveInput {
  waveNumber: number;
  name: string;
  technologies: TechnologyInput[];
  pauseAfterWave?: boolean;
  dependencies?: number[];
  approval?: ApprovalRuleInput;
}

export interface TechnologyInput {
  type: string;
  operation: string;
  name?: string;
  resources?: { [key: string]: Json };
  parameters?: { [key: string]: Json };
  accountId?: string;
  region?: string;
  criticality?: 'critical' | 'optional';
  optionalResources?: string[];
  onFailure?: 'pause' | 'stop' | 'continue';
  drill?: 'perform' | 'assess' | 'skip';
  timeout?: string;
  retry?: { maxAttempts?: number; interval?: string; backoffRate?: number };
}

export interface ApprovalRuleInput {
  required: number;
  roles?: ('Admin' | 'RecoveryManager')[];
  expiresIn?: string;
  changeTicket?: 'required' | 'optional';
  modes?: ('drill' | 'recovery')[];
}

export type ScriptInput =
  | {
      type: 'commands';
      commands: string[];
      platform?: 'linux' | 'windows';
      targets: ScriptTargetsInput;
      description?: string;
      timeout?: string;
      accountId?: string;
      region?: string;
    }
  | {
      type: 'document';
      document: string;
      parameters?: { [key: string]: string[] };
      targets: ScriptTargetsInput;
      description?: string;
      timeout?: string;
      accountId?: string;
      region?: string;
    }
  | {
      type: 'lambda';
      functionName: string;
      payload?: Json;
      description?: string;
      timeout?: string;
      accountId?: string;
      region?: string;
    };

export interface ScriptTargetsInput {
  instanceIds?: string[];
  tags?: { [key: string]: string };
  protectionGroups?: string[];
  recovered?: boolean;
}

export interface ProtectionGroupInput {
  groupId: string;
  name?: string;
  sourceServerIds?: string[];
  tags?: { [key: string]: string };
  accountId?: string;
  region?: string;
}

export interface TargetAccountInput {
  accountId: string;
  name: string;
  roleArn: string;
  externalId?: string;
  regions: string[];
  tags?: { [key: string]: string };
}

export interface SettingsInput {
  identity?: {
    oidc?: {
      issuer: string;
      audience: string;
      groupsClaim?: string;
      roles?: { [key: string]: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[] };
    };
    cognito?: {
      userPoolId: string;
      clientIds: string[];
      roles?: { [key: string]: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[] };
    };
    iam?: {
      mappings: {
        arn: string;
        roles: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[];
      }[];
      hosts?: string[];
    };
  };
  solutions?: {
    [key: string]: {
      url: string;
      kind: 'breakwater' | 'drs-orchestration';
      auth: { type: 'token'; env: string } | { type: 'iam'; region: string };
    };
  };
}

export interface ScheduleDefinitionInput {
  scheduleId: string;
  planId: string;
  mode?: 'drill';
  cron: string;
  timeZone?: string;
  enabled?: boolean;
  autoResume?: boolean;
}

export interface TriggerDefinitionInput {
  triggerId: string;
  planId: string;
  mode: 'drill' | 'recovery';
  eventPattern: { [key: string]: unknown };
  minGap?: string;
  enabled?: boolean;
  autoResume?: boolean;
}

export interface SubscriptionDefinition {
  subscriptionId: string;
  events?: (
    | 'ExecutionStarted'
    | 'ExecutionValidated'
    | 'ExecutionPauseRequested'
    | 'ExecutionPaused'
    | 'ExecutionResumed'
    | 'ExecutionCancelRequested'
    | 'ExecutionCompleted'
    | 'ExecutionFailed'
    | 'ExecutionCancelled'
    | 'ProcessRestarted'
    | 'WaveStarted'
    | 'WaveResumed'
    | 'WaveCompleted'
    | 'WaveFailed'
    | 'WaveCancelled'
    | 'TechnologyStarted'
    | 'TechnologyTroubled'
    | 'TechnologyCompleted'
    | 'TechnologyFailed'
    | 'TechnologySkipped'
    | 'TechnologyCancelled'
    | 'ResourceChanged'
    | 'ReplicationStalled'
    | 'ReplicationResumed'
    | 'ServerLaunchReported'
    | 'GateOpened'
    | 'ApprovalGiven'
    | 'ApprovalLapsed'
    | 'GateClosed'
  )[];
  enabled?: boolean;
  to:
    | { type: 'webhook'; url: string; secret?: string }
    | { type: 'sns'; topicArn: string }
    | { type: 'eventBridge'; eventBusArn: string };
}

export interface PublicSubscriptionInput {
  subscriptionId: string;
  events?: (
    | 'ExecutionStarted'
    | 'ExecutionValidated'
    | 'ExecutionPauseRequested'
    | 'ExecutionPaused'
    | 'ExecutionResumed'
    | 'ExecutionCancelRequested'
    | 'ExecutionCompleted'
    | 'ExecutionFailed'
    | 'ExecutionCancelled'
    | 'ProcessRestarted'
    | 'WaveStarted'
    | 'WaveResumed'
    | 'WaveCompleted'
    | 'WaveFailed'
    | 'WaveCancelled'
    | 'TechnologyStarted'
    | 'TechnologyTroubled'
    | 'TechnologyCompleted'
    | 'TechnologyFailed'
    | 'TechnologySkipped'
    | 'TechnologyCancelled'
    | 'ResourceChanged'
    | 'ReplicationStalled'
    | 'ReplicationResumed'
    | 'ServerLaunchReported'
    | 'GateOpened'
    | 'ApprovalGiven'
    | 'ApprovalLapsed'
    | 'GateClosed'
  )[];
  enabled?: boolean;
  to:
    | { type: 'webhook'; url: string }
    | { type: 'sns'; topicArn: string }
    | { type: 'eventBridge'; eventBusArn: string };
}

export interface Finding {
  level: 'error' | 'warning' | 'info';
  rule: string;
  path: string;
  value?: Json;
  message: string;
  remedy: string;
}

export interface PlanSummary {
  planId: string;
  version: number;
  /** SHA-256 of its content */
  planHash: string;
  /** ISO 8601 */
  updatedAt: string;
  updatedBy: string;
  name: string;
  waves: number;
}

export interface StoredPlan {
  planId: string;
  version: number;
  /** SHA-256 of its content */
  planHash: string;
  /** ISO 8601 */
  updatedAt: string;
  updatedBy: string;
  plan: Plan;
}

export interface PlanAssessment {
  findings: Finding[];
  /** ISO 8601 duration */
  expectedDuration: string;
  waves: {
    waveNumber: number;
    /** ISO 8601 duration */
    expectedDuration: string;
    technologies: {
      type: string;
      operation: string;
      resources: string[];
      /** ISO 8601 duration */
      expectedDuration: string;
      /** On what ground that long is expected */
      basis: string;
      calls: {
        /** Missing: the call is not made to AWS */
        iamAction?: string;
        accountId?: string;
        region?: string;
        count: number;
        summary: string;
      }[];
      quotas: { name: string; code: string; limit: number; used: number; needed: number }[];
    }[];
  }[];
}

export interface DryRun {
  findings: Finding[];
  /** ISO 8601 duration */
  expectedDuration: string;
  waves: {
    waveNumber: number;
    /** ISO 8601 duration */
    expectedDuration: string;
    technologies: {
      type: string;
      operation: string;
      resources: string[];
      /** ISO 8601 duration */
      expectedDuration: string;
      /** On what ground that long is expected */
      basis: string;
      calls: {
        /** Missing: the call is not made to AWS */
        iamAction?: string;
        accountId?: string;
        region?: string;
        count: number;
        summary: string;
      }[];
      quotas: { name: string; code: string; limit: number; used: number; needed: number }[];
    }[];
  }[];
  /** No finding is an error: it could start */
  ready: boolean;
  /** All calls that would change something */
  calls: {
    /** Missing: the call is not made to AWS */
    iamAction?: string;
    accountId?: string;
    region?: string;
    count: number;
    summary: string;
    waveNumber: number;
    type: string;
    operation: string;
  }[];
  quotas: {
    name: string;
    code: string;
    limit: number;
    used: number;
    needed: number;
    waveNumber: number;
    type: string;
    operation: string;
  }[];
  /** What the operations need at most, reads included; sorted, each once */
  iamActions: string[];
}

export interface Difference {
  path: string;
  before?: Json;
  after?: Json;
}

export interface Problem {
  /** `urn:breakwater:error:<code>` */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** One of the error codes in docs/api.md; this is what programs branch on */
  code: string;
  /** What to do, in a sentence */
  remedy: string;
  requestId: string;
  /** Every problem of the input, with path, value and remedy */
  findings?: Finding[];
  causes?: string[];
}

export interface Approval {
  /** Id of the principal */
  by: string;
  name: string;
  roles: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[];
  /** ISO 8601 */
  at: string;
  changeTicket?: string;
  reason?: string;
  /** Given by a one-time link that this principal has made */
  linkMadeBy?: string;
}

export interface ApprovalState {
  required: number;
  roles: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[];
  changeTicket: 'required' | 'optional';
  planHash: string;
  resourcesHash: string;
  /** Those that count */
  approvals: Approval[];
  /** Given for another plan or other resources: they do not count any more */
  lapsed: Approval[];
  /** How it differs from what was to be approved before */
  difference?: {
    planChanged: boolean;
    resources: { waveNumber: number; technology: string; added: string[]; removed: string[] }[];
  };
}

export interface ResourceOutcome {
  resourceId: string;
  status: 'pending' | 'in_progress' | 'completed' | 'failed' | 'skipped' | 'cancelled' | 'assessed';
  criticality?: 'critical' | 'optional';
  /** ISO 8601 */
  startedAt?: string;
  /** ISO 8601 */
  completedAt?: string;
  detail?: string;
  error?: { code: string; message: string };
  result?: { [key: string]: Json };
}

export interface TechnologyState {
  type: string;
  operation: string;
  name?: string;
  status: 'pending' | 'in_progress' | 'completed' | 'failed' | 'skipped' | 'cancelled';
  criticality: 'critical' | 'optional';
  attempt: number;
  subExecutionId?: string;
  resources: string[];
  names: { [key: string]: string };
  outcomes: ResourceOutcome[];
  /** ISO 8601 */
  startedAt?: string;
  /** ISO 8601 */
  firstStartedAt?: string;
  /** ISO 8601 */
  completedAt?: string;
  /** ISO 8601 duration */
  executionTime?: string;
  /** ISO 8601 duration */
  expectedDuration: string;
  detail?: string;
  results?: { [key: string]: Json };
  error?: { code: string; message: string };
}

export interface WaveState {
  waveNumber: number;
  name: string;
  status: 'pending' | 'in_progress' | 'paused' | 'completed' | 'failed' | 'cancelled';
  dependencies: number[];
  pauseAfterWave: boolean;
  /** ISO 8601 */
  startedAt?: string;
  /** ISO 8601 */
  completedAt?: string;
  /** ISO 8601 duration */
  expectedDuration: string;
  technologies: TechnologyState[];
}

export interface Gate {
  gateId: string;
  waveNumber: number;
  kind: 'dependencies' | 'pause' | 'decision' | 'approval';
  status: 'open' | 'closed';
  /** ISO 8601 */
  openedAt: string;
  /** ISO 8601 */
  expiresAt?: string;
  /** ISO 8601 */
  closedAt?: string;
  reason: string;
  actions: ('resume' | 'retry' | 'skip' | 'cancel' | 'approve' | 'reject')[];
  resolution?: { action: string; by: string; reason?: string };
  /** Of an approval gate */
  approval?: ApprovalState;
}

export interface Execution {
  executionId: string;
  planId: string;
  planName: string;
  planHash: string;
  mode: 'drill' | 'recovery';
  simulated: boolean;
  status: 'planning' | 'in_progress' | 'paused' | 'wave_complete' | 'completed' | 'failed' | 'cancelled';
  outcome?: 'clean' | 'with_exceptions';
  currentWave: number;
  /** ISO 8601 */
  startedAt: string;
  /** ISO 8601 */
  completedAt?: string;
  pauseRequested: boolean;
  cancelRequested: boolean;
  objectives: {
    /** ISO 8601 duration */
    rto?: string;
    /** ISO 8601 duration */
    rpo?: string;
  };
  /** ISO 8601 duration */
  expectedDuration: string;
  waves: WaveState[];
  gates: Gate[];
  pauses: {
    /** ISO 8601 */
    from: string;
    /** ISO 8601 */
    to?: string;
  }[];
  error?: { code: string; message: string };
  enterpriseContext: { initiatedBy: string; parentExecutionId?: string; tags: { [key: string]: string } };
}

export interface ExecutionSummary {
  executionId: string;
  planId: string;
  planName: string;
  mode: 'drill' | 'recovery';
  status: 'planning' | 'in_progress' | 'paused' | 'wave_complete' | 'completed' | 'failed' | 'cancelled';
  outcome?: 'clean' | 'with_exceptions';
  currentWave: number;
  totalWaves: number;
  /** ISO 8601 */
  startedAt: string;
  /** ISO 8601 */
  completedAt?: string;
}

export interface ExecutionEvent {
  executionId: string;
  /** From 1, without gaps */
  sequence: number;
  /** ISO 8601 */
  at: string;
  code:
    | 'ExecutionStarted'
    | 'ExecutionValidated'
    | 'ExecutionPauseRequested'
    | 'ExecutionPaused'
    | 'ExecutionResumed'
    | 'ExecutionCancelRequested'
    | 'ExecutionCompleted'
    | 'ExecutionFailed'
    | 'ExecutionCancelled'
    | 'ProcessRestarted'
    | 'WaveStarted'
    | 'WavePaused'
    | 'WaveResumed'
    | 'WaveCompleted'
    | 'WaveFailed'
    | 'WaveCancelled'
    | 'TechnologyStarted'
    | 'TechnologyProgressed'
    | 'TechnologyTroubled'
    | 'TechnologyCompleted'
    | 'TechnologyFailed'
    | 'TechnologySkipped'
    | 'TechnologyCancelled'
    | 'ResourceChanged'
    | 'ReplicationStalled'
    | 'ReplicationResumed'
    | 'ServerLaunchReported'
    | 'GateOpened'
    | 'ApprovalGiven'
    | 'ApprovalLapsed'
    | 'GateClosed';
  level: 'debug' | 'info' | 'warning' | 'error';
  /** For people; it may change */
  message: string;
  data: { [key: string]: string | number };
}

export interface ExecutionExport {
  execution: Execution;
  technologies: {
    executionId: string;
    waveNumber: number;
    technology: string;
    operation: string;
    status: string;
    results: { [key: string]: Json };
  }[];
  rto: {
    /** ISO 8601 duration */
    objective?: string;
    /** ISO 8601 duration */
    actual?: string;
    /** ISO 8601 duration */
    waitedForPeople: string;
    met?: boolean;
  };
  rpo: {
    /** ISO 8601 duration */
    objective?: string;
    /** ISO 8601 duration */
    actual?: string;
    met?: boolean;
  };
}

export interface ResourceRow {
  resourceId: string;
  status: 'pending' | 'in_progress' | 'completed' | 'failed' | 'skipped' | 'cancelled' | 'assessed';
  criticality?: 'critical' | 'optional';
  /** ISO 8601 */
  startedAt?: string;
  /** ISO 8601 */
  completedAt?: string;
  detail?: string;
  error?: { code: string; message: string };
  result?: { [key: string]: Json };
  waveNumber: number;
  technology: string;
  operation: string;
  name: string;
}

export interface ApprovalGate {
  gateId: string;
  waveNumber: number;
  kind: 'dependencies' | 'pause' | 'decision' | 'approval';
  status: 'open' | 'closed';
  /** ISO 8601 */
  openedAt: string;
  /** ISO 8601 */
  expiresAt?: string;
  /** ISO 8601 */
  closedAt?: string;
  reason: string;
  actions: ('resume' | 'retry' | 'skip' | 'cancel' | 'approve' | 'reject')[];
  resolution?: { action: string; by: string; reason?: string };
  approval: ApprovalState;
}

export interface WaitingApproval {
  executionId: string;
  planId: string;
  planName: string;
  mode: 'drill' | 'recovery';
  initiatedBy: string;
  gate: ApprovalGate;
}

export interface ApprovalResult {
  executionId: string;
  gateId: string;
  /** Of the gate, after it */
  status: 'open' | 'closed';
  /** That count now */
  approvals: number;
  required: number;
}

export interface AuditRecord {
  sequence: number;
  /** ISO 8601 */
  at: string;
  action: string;
  by: string;
  target: string;
  executionId?: string;
  requestId?: string;
  data: { [key: string]: Json };
}

export interface ChainedAuditRecord {
  sequence: number;
  recordHash: string;
  hash: string;
  record: AuditRecord;
}

export interface AuditVerdict {
  ok: boolean;
  records: number;
  head: string;
  /** How many records there are */
  total: number;
  broken?: { sequence: number; why: string };
  /** Not all was looked at: go on with it */
  nextCursor?: string;
}

export interface EvidenceBundle {
  executionId: string;
  serverId: string;
  plan: Plan;
  export: ExecutionExport;
  timeline: {
    /** From 1, without gaps */
    sequence: number;
    /** ISO 8601 */
    at: string;
    code:
      | 'ExecutionStarted'
      | 'ExecutionValidated'
      | 'ExecutionPauseRequested'
      | 'ExecutionPaused'
      | 'ExecutionResumed'
      | 'ExecutionCancelRequested'
      | 'ExecutionCompleted'
      | 'ExecutionFailed'
      | 'ExecutionCancelled'
      | 'ProcessRestarted'
      | 'WaveStarted'
      | 'WavePaused'
      | 'WaveResumed'
      | 'WaveCompleted'
      | 'WaveFailed'
      | 'WaveCancelled'
      | 'TechnologyStarted'
      | 'TechnologyProgressed'
      | 'TechnologyTroubled'
      | 'TechnologyCompleted'
      | 'TechnologyFailed'
      | 'TechnologySkipped'
      | 'TechnologyCancelled'
      | 'ResourceChanged'
      | 'ReplicationStalled'
      | 'ReplicationResumed'
      | 'ServerLaunchReported'
      | 'GateOpened'
      | 'ApprovalGiven'
      | 'ApprovalLapsed'
      | 'GateClosed';
    data: { [key: string]: string | number };
  }[];
  /** The hash before the first link */
  previous: string;
  links: {
    sequence: number;
    recordHash: string;
    hash: string;
    /** Only of this execution */
    record?: AuditRecord;
  }[];
  last: { sequence: number; recordHash: string; hash: string };
}

export interface ConfigurationImport {
  /** False for a preview */
  applied: boolean;
  created: {
    /** The member of the document: `recoveryPlans` */
    kind: string;
    id: string;
  }[];
  updated: {
    /** The member of the document: `recoveryPlans` */
    kind: string;
    id: string;
    differences: Difference[];
  }[];
  unchanged: {
    /** The member of the document: `recoveryPlans` */
    kind: string;
    id: string;
  }[];
  /** Rows that it writes; 100 are possible at once */
  writes: number;
}

export interface ConfigurationExport {
  formatVersion: 1;
  recoveryPlans: Plan[];
  protectionGroups: ProtectionGroup[];
  targetAccounts: TargetAccount[];
  schedules?: ScheduleDefinition[];
  triggers?: TriggerDefinition[];
  subscriptions?: PublicSubscription[];
  settings?: Settings;
  [key: string]: unknown;
}

export interface DiscoveryAnswer {
  discoveryQuery: {
    tags: { [key: string]: string };
    technologies?: ('drs' | 'database' | 'application' | 'infrastructure')[];
  };
  discoveredResources: { [key: string]: string[] };
  details: {
    resourceId: string;
    technology: 'drs' | 'database' | 'application' | 'infrastructure';
    kind: string;
    arn?: string;
    tags: { [key: string]: string };
  }[];
  warnings: string[];
}

export interface SourceServer {
  sourceServerId: string;
  arn?: string;
  name: string;
  hostname?: string;
  /** The EC2 instance that is replicated, if it is one */
  sourceInstanceId?: string;
  originAccountId?: string;
  originRegion?: string;
  os?: string;
  recommendedInstanceType?: string;
  tags: { [key: string]: string };
  replication: {
    /** `CONTINUOUS`, `STALLED` … */
    state: string;
    /** ISO 8601 duration */
    lag?: string;
    /** ISO 8601 */
    eta?: string;
    error?: string;
    /** ISO 8601 */
    lastSeenAt?: string;
  };
  replicationDirection?: string;
  lastLaunch?: {
    result: string;
    jobId?: string;
    type?: string;
    /** ISO 8601 */
    startedAt?: string;
  };
  recoveryInstanceId?: string;
}

export interface SourceServerDetails {
  sourceServerId: string;
  arn?: string;
  name: string;
  hostname?: string;
  /** The EC2 instance that is replicated, if it is one */
  sourceInstanceId?: string;
  originAccountId?: string;
  originRegion?: string;
  os?: string;
  recommendedInstanceType?: string;
  tags: { [key: string]: string };
  replication: {
    /** `CONTINUOUS`, `STALLED` … */
    state: string;
    /** ISO 8601 duration */
    lag?: string;
    /** ISO 8601 */
    eta?: string;
    error?: string;
    /** ISO 8601 */
    lastSeenAt?: string;
  };
  replicationDirection?: string;
  lastLaunch?: {
    result: string;
    jobId?: string;
    type?: string;
    /** ISO 8601 */
    startedAt?: string;
  };
  recoveryInstanceId?: string;
  disks: {
    deviceName: string;
    totalBytes?: number;
    replicatedBytes?: number;
    rescannedBytes?: number;
    backlogBytes?: number;
  }[];
  initiationSteps: { name: string; status: string }[];
}

export interface LaunchConfiguration {
  name?: string;
  launchDisposition: 'STARTED' | 'STOPPED';
  targetInstanceTypeRightSizingMethod: 'NONE' | 'BASIC' | 'IN_AWS';
  copyPrivateIp: boolean;
  copyTags: boolean;
  /** Bring your own licence */
  osByol: boolean;
  postLaunchEnabled: boolean;
  launchIntoEc2InstanceId?: string;
  sourceServerId: string;
  ec2LaunchTemplateId?: string;
}

export interface DrsJob {
  jobId: string;
  type: string;
  initiatedBy?: string;
  status: string;
  /** ISO 8601 */
  startedAt?: string;
  /** ISO 8601 */
  endedAt?: string;
  servers: { sourceServerId: string; recoveryInstanceId?: string; launchStatus?: string }[];
  tags: { [key: string]: string };
  /** The execution that has started it, if one has */
  executionId?: string;
}

export interface DrsJobLogItem {
  /** ISO 8601 */
  at: string;
  event: string;
  sourceServerId?: string;
  conversionServerId?: string;
  targetInstanceId?: string;
  error?: string;
}

export interface RecoveryInstance {
  recoveryInstanceId: string;
  ec2InstanceId?: string;
  ec2InstanceState?: string;
  sourceServerId?: string;
  jobId?: string;
  isDrill: boolean;
  /** The state of the source that it was launched from */
  pointInTime?: string;
  tags: { [key: string]: string };
}

export interface TagSync {
  runId: string;
  /** `interrupted`: the server was stopped before the run ended; ask for it again */
  status: 'running' | 'completed' | 'completed_with_failures' | 'failed' | 'interrupted';
  dryRun: boolean;
  removeOthers: boolean;
  accountId?: string;
  region: string;
  startedBy: string;
  /** ISO 8601 */
  startedAt: string;
  /** ISO 8601 */
  completedAt?: string;
  counts: { total: number; unchanged: number; changed: number; failed: number; skipped: number };
  /** All but the unchanged ones; in a dry run `changed` says what would change */
  servers: {
    sourceServerId: string;
    sourceInstanceId?: string;
    outcome: 'changed' | 'failed' | 'skipped';
    set: { [key: string]: string };
    remove: string[];
    reason?: string;
  }[];
  /** There are more servers than are listed */
  truncated: boolean;
  error?: { code: string; message: string };
}

export interface DrsQuota {
  code: string;
  name: string;
  limit: number;
  /** `account`: as Service Quotas says it; `published`: it does not say */
  source: 'account' | 'published';
  used: number;
}

export interface Me {
  id: string;
  kind: 'local' | 'token' | 'oidc' | 'iam';
  name: string;
  roles: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[];
  permissions: (
    | 'execution:read'
    | 'execution:start-drill'
    | 'execution:start-recovery'
    | 'execution:control'
    | 'execution:terminate'
    | 'gate:decide'
    | 'gate:approve'
    | 'plan:read'
    | 'plan:write'
    | 'group:read'
    | 'group:write'
    | 'drs:read'
    | 'drs:write'
    | 'discovery:read'
    | 'configuration:read'
    | 'configuration:write'
    | 'account:read'
    | 'account:write'
    | 'schedule:read'
    | 'schedule:write'
    | 'trigger:read'
    | 'trigger:write'
    | 'trigger:fire'
    | 'audit:read'
    | 'token:read'
    | 'token:write'
  )[];
  /** What an IAM proof for this server has to name */
  serverId: string;
}

export interface ResolvedGroup {
  matched: number;
  places: {
    accountId: string;
    region: string;
    servers: {
      sourceServerId: string;
      name: string;
      tags: { [key: string]: string };
      replicationState: string;
      lag?: string;
      recoveryInstanceId?: string;
    }[];
    /** Why this place could not be looked at; then it has no servers */
    failure?: { code: string; message: string };
  }[];
  warnings: string[];
}

export interface Schedule {
  scheduleId: string;
  planId: string;
  mode: 'drill';
  /** Minute, hour, day of month, month, day of week */
  cron: string;
  /** IANA */
  timeZone: string;
  enabled: boolean;
  autoResume: boolean;
  /** ISO 8601 */
  nextRunAt?: string;
  lastRun?: {
    /** ISO 8601 */
    dueAt: string;
    result: 'started' | 'skipped' | 'missed' | 'failed';
    executionId?: string;
    detail?: string;
  };
}

export interface Delivery {
  /** ISO 8601 */
  at: string;
  event: string;
  executionId: string;
  sequence: number;
  result: 'delivered' | 'failed';
  /** What the receiver of a webhook answered */
  status?: number;
  /** Why it failed, or the id that SNS or EventBridge gave it */
  detail?: string;
}

export interface Subscription {
  subscriptionId: string;
  to:
    | {
        type: 'webhook';
        url: string;
        /** Only in the answer to its creation */
        secret?: string;
      }
    | { type: 'sns'; topicArn: string }
    | { type: 'eventBridge'; eventBusArn: string };
  events?: string[];
  enabled: boolean;
  /** In a row */
  failures?: number;
  /** When the first of these failures was */
  failingSince?: string;
  lastDelivery?: Delivery;
  /** Events that could not be delivered within 24 hours, since it was made or enabled */
  givenUp?: {
    count: number;
    /** ISO 8601 */
    lastAt: string;
  };
  /** Events that are to be delivered yet. Only of an enabled one that is asked for by its id */
  waiting?: {
    count: number;
    /** ISO 8601 */
    oldestAt?: string;
    /** True: not all were counted, it would take too long */
    isMore: boolean;
  };
}

export interface AccountChecks {
  accountId: string;
  /** The worst of the checks */
  status: 'passed' | 'failed' | 'unknown';
  checks: {
    region: string;
    /** `role`, `externalId`, `drsInitialized`, `permissions:<service>` */
    check: string;
    status: 'passed' | 'failed' | 'unknown';
    detail: string;
    /** Empty when there is nothing to do */
    remedy: string;
    /** IAM actions that the role lacks */
    missingActions?: string[];
  }[];
}

export interface Token {
  tokenId: string;
  name: string;
  roles: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[];
  /** ISO 8601 */
  createdAt: string;
  createdBy: string;
  /** ISO 8601 */
  expiresAt: string;
  /** ISO 8601 */
  lastUsedAt?: string;
}

export interface Trigger {
  triggerId: string;
  planId: string;
  mode: 'drill' | 'recovery';
  /** As of EventBridge, with exact values, prefix, anything-but, exists and numeric */
  eventPattern: { [key: string]: unknown };
  /** From one start to the next, ISO 8601 */
  minGap: string;
  enabled: boolean;
  autoResume: boolean;
  /** Who made or last changed it */
  by?: string;
  lastStart?: {
    /** ISO 8601 */
    at: string;
    eventId: string;
    executionId: string;
  };
}

export interface Fired {
  started: boolean;
  executionId?: string;
  why: 'matched' | 'notMatched' | 'duplicate' | 'minGap' | 'disabled';
}

export interface ApprovalLink {
  token: string;
  /** ISO 8601 */
  expiresAt: string;
}

export interface TokenWithSecret {
  tokenId: string;
  name: string;
  roles: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[];
  /** ISO 8601 */
  createdAt: string;
  createdBy: string;
  /** ISO 8601 */
  expiresAt: string;
  /** ISO 8601 */
  lastUsedAt?: string;
  token: string;
}

export interface Plan {
  planId?: string;
  name?: string;
  description?: string;
  tags: { [key: string]: string };
  approval?: ApprovalRule;
  objectives: { rto?: string; rpo?: string };
  accountId?: string;
  region?: string;
  protectionGroups: ProtectionGroup[];
  scripts: { [key: string]: Script };
  waves: Wave[];
}

export interface Wave {
  waveNumber: number;
  name: string;
  technologies: Technology[];
  pauseAfterWave: boolean;
  dependencies?: number[];
  approval?: ApprovalRule;
}

export interface Technology {
  type: string;
  operation: string;
  name?: string;
  resources: { [key: string]: Json };
  parameters: { [key: string]: Json };
  accountId?: string;
  region?: string;
  criticality: 'critical' | 'optional';
  optionalResources: string[];
  onFailure: 'pause' | 'stop' | 'continue';
  drill?: 'perform' | 'assess' | 'skip';
  timeout: string;
  retry: { maxAttempts: number; interval: string; backoffRate: number };
}

export interface ApprovalRule {
  required: number;
  roles: ('Admin' | 'RecoveryManager')[];
  expiresIn: string;
  changeTicket: 'required' | 'optional';
  modes: ('drill' | 'recovery')[];
}

export type Script =
  | {
      type: 'commands';
      commands: string[];
      platform: 'linux' | 'windows';
      targets: ScriptTargets;
      description?: string;
      timeout: string;
      accountId?: string;
      region?: string;
    }
  | {
      type: 'document';
      document: string;
      parameters: { [key: string]: string[] };
      targets: ScriptTargets;
      description?: string;
      timeout: string;
      accountId?: string;
      region?: string;
    }
  | {
      type: 'lambda';
      functionName: string;
      payload: Json;
      description?: string;
      timeout: string;
      accountId?: string;
      region?: string;
    };

export interface ScriptTargets {
  instanceIds?: string[];
  tags?: { [key: string]: string };
  protectionGroups?: string[];
  recovered?: boolean;
}

export interface ProtectionGroup {
  groupId: string;
  name?: string;
  sourceServerIds?: string[];
  tags?: { [key: string]: string };
  accountId?: string;
  region?: string;
}

export interface TargetAccount {
  accountId: string;
  name: string;
  roleArn: string;
  externalId?: string;
  regions: string[];
  tags?: { [key: string]: string };
}

export interface Settings {
  identity: {
    oidc?: {
      issuer: string;
      audience: string;
      groupsClaim: string;
      roles?: { [key: string]: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[] };
    };
    cognito?: {
      userPoolId: string;
      clientIds: string[];
      roles?: { [key: string]: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[] };
    };
    iam?: {
      mappings: {
        arn: string;
        roles: ('Admin' | 'RecoveryManager' | 'PlanManager' | 'Operator' | 'ReadOnly')[];
      }[];
      hosts: string[];
    };
  };
  solutions: {
    [key: string]: {
      url: string;
      kind: 'breakwater' | 'drs-orchestration';
      auth: { type: 'token'; env: string } | { type: 'iam'; region: string };
    };
  };
}

export interface ScheduleDefinition {
  scheduleId: string;
  planId: string;
  mode: 'drill';
  cron: string;
  timeZone: string;
  enabled: boolean;
  autoResume: boolean;
}

export interface TriggerDefinition {
  triggerId: string;
  planId: string;
  mode: 'drill' | 'recovery';
  eventPattern: { [key: string]: unknown };
  minGap: string;
  enabled: boolean;
  autoResume: boolean;
}

export interface PublicSubscription {
  subscriptionId: string;
  events?: (
    | 'ExecutionStarted'
    | 'ExecutionValidated'
    | 'ExecutionPauseRequested'
    | 'ExecutionPaused'
    | 'ExecutionResumed'
    | 'ExecutionCancelRequested'
    | 'ExecutionCompleted'
    | 'ExecutionFailed'
    | 'ExecutionCancelled'
    | 'ProcessRestarted'
    | 'WaveStarted'
    | 'WaveResumed'
    | 'WaveCompleted'
    | 'WaveFailed'
    | 'WaveCancelled'
    | 'TechnologyStarted'
    | 'TechnologyTroubled'
    | 'TechnologyCompleted'
    | 'TechnologyFailed'
    | 'TechnologySkipped'
    | 'TechnologyCancelled'
    | 'ResourceChanged'
    | 'ReplicationStalled'
    | 'ReplicationResumed'
    | 'ServerLaunchReported'
    | 'GateOpened'
    | 'ApprovalGiven'
    | 'ApprovalLapsed'
    | 'GateClosed'
  )[];
  enabled: boolean;
  to:
    | { type: 'webhook'; url: string }
    | { type: 'sns'; topicArn: string }
    | { type: 'eventBridge'; eventBusArn: string };
}

/** Any JSON value */
export type Json = unknown;
