import { createHash, createHmac } from 'node:crypto';
import { virtualClock } from '#clocks/virtual.ts';
import { validateExecution } from '#workflow/execution.ts';
import { receiveGate } from '#workflow/gates.ts';
import { planOf, STARTS_AT, workbench, type Bench } from '#workflow/testing/bench.ts';
import { createApprovals, type Approvals } from '../approvals.ts';
import type { AuditEntry, AuditLog } from '../audit-log.ts';
import { createDenials } from '../denials.ts';
import { createEventBus } from '../event-bus.ts';
import { createTokens, type Tokens } from '../tokens.ts';
import { keptAudit } from './kept-audit.ts';

/** A workbench with approvals on top. */
export interface ApprovalsBench {
  readonly bench: Bench;
  readonly approvals: Approvals;
  /** On the same records. */
  readonly tokens: Tokens;
  readonly audited: AuditEntry[];
  readonly audit: AuditLog;
  /** People's time, which is not that of executions. */
  realNow: number;
  /** An execution of one wave, started by `ana`, that waits for approval before it. */
  waiting(approval?: object): Promise<string>;
}

export function approvalsBench(): ApprovalsBench {
  const bench = workbench();
  const audited: AuditEntry[] = [];
  const own = { bench, audited, audit: keptAudit(audited), realNow: STARTS_AT };
  let secrets = 0;
  const deps = {
    ...bench.deps,
    clock: virtualClock({ startsAt: STARTS_AT }),
    realNow: () => own.realNow,
    audit: own.audit,
    events: createEventBus(),
    newSecret: () => createHash('sha256').update(`secret ${++secrets}`).digest('base64url'),
    sign: (key: string, text: string) => createHmac('sha256', key).update(text).digest('hex'),
  };
  return Object.assign(own, {
    approvals: createApprovals(deps, createDenials({ ...deps, now: deps.realNow })),
    tokens: createTokens(deps),
    waiting: async (approval: object = { required: 2 }) => {
      const executionId = await bench.start({ ...planOf([{}]), approval });
      await validateExecution(bench.services, { executionId });
      await receiveGate(bench.services, {
        executionId,
        waveNumber: 0,
        kind: 'approval',
        taskToken: 'token-0',
      });
      return executionId;
    },
  });
}
