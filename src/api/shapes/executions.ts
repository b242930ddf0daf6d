import { EVENTS, type EventCode } from '#core/events.ts';
import { RESOURCE_STATUSES, TECHNOLOGY_STATUSES } from '#core/outcome.ts';
import { EXECUTION_STATUSES } from '#core/states.ts';
import { z } from 'zod';
import { ApprovalStateShape } from './approval-state.ts';
import { NextCursor, Timestamp } from './common.ts';

/** The specification's execution state, as answers carry it. */

const Duration = z.string().describe('ISO 8601 duration');
const JsonObject = z.record(z.string(), z.json());
export const AtExecution = z.strictObject({ executionId: z.string().min(1).max(128) });
export const Mode = z.enum(['drill', 'recovery']);
export const Status = z.enum(EXECUTION_STATUSES);
const OutcomeWord = z.enum(['clean', 'with_exceptions']);
const Failure = z.object({ code: z.string(), message: z.string() });
const Span = z.object({ from: Timestamp, to: Timestamp.optional() });

export const ResourceOutcome = z
  .object({
    resourceId: z.string(),
    status: z.enum(RESOURCE_STATUSES),
    criticality: z.enum(['critical', 'optional']).optional(),
    startedAt: Timestamp.optional(),
    completedAt: Timestamp.optional(),
    detail: z.string().optional(),
    error: Failure.optional(),
    result: JsonObject.optional(),
  })
  .meta({ id: 'ResourceOutcome' });

const TechnologyState = z
  .object({
    type: z.string(),
    operation: z.string(),
    name: z.string().optional(),
    status: z.enum(TECHNOLOGY_STATUSES),
    criticality: z.enum(['critical', 'optional']),
    attempt: z.int(),
    subExecutionId: z.string().optional(),
    resources: z.array(z.string()),
    names: z.record(z.string(), z.string()),
    outcomes: z.array(ResourceOutcome),
    startedAt: Timestamp.optional(),
    firstStartedAt: Timestamp.optional(),
    completedAt: Timestamp.optional(),
    executionTime: Duration.optional(),
    expectedDuration: Duration,
    detail: z.string().optional(),
    results: JsonObject.optional(),
    error: Failure.optional(),
  })
  .meta({ id: 'TechnologyState' });

const WaveState = z
  .object({
    waveNumber: z.int(),
    name: z.string(),
    status: z.enum(['pending', 'in_progress', 'paused', 'completed', 'failed', 'cancelled']),
    dependencies: z.array(z.int()),
    pauseAfterWave: z.boolean(),
    startedAt: Timestamp.optional(),
    completedAt: Timestamp.optional(),
    expectedDuration: Duration,
    technologies: z.array(TechnologyState),
  })
  .meta({ id: 'WaveState' });

export const GateActionShape = z.enum(['resume', 'retry', 'skip', 'cancel', 'approve', 'reject']);

export const Gate = z
  .object({
    gateId: z.string(),
    waveNumber: z.int(),
    kind: z.enum(['dependencies', 'pause', 'decision', 'approval']),
    status: z.enum(['open', 'closed']),
    openedAt: Timestamp,
    expiresAt: Timestamp.optional(),
    closedAt: Timestamp.optional(),
    reason: z.string(),
    actions: z.array(GateActionShape),
    resolution: z.object({ action: z.string(), by: z.string(), reason: z.string().optional() }).optional(),
    approval: ApprovalStateShape.optional().describe('Of an approval gate'),
  })
  .meta({ id: 'Gate' });

export const Execution = z
  .object({
    executionId: z.string(),
    planId: z.string(),
    planName: z.string(),
    planHash: z.string(),
    mode: Mode,
    simulated: z.boolean(),
    status: Status,
    outcome: OutcomeWord.optional(),
    currentWave: z.int(),
    startedAt: Timestamp,
    completedAt: Timestamp.optional(),
    pauseRequested: z.boolean(),
    cancelRequested: z.boolean(),
    objectives: z.object({ rto: Duration.optional(), rpo: Duration.optional() }),
    expectedDuration: Duration,
    waves: z.array(WaveState),
    gates: z.array(Gate),
    pauses: z.array(Span),
    error: Failure.optional(),
    enterpriseContext: z.object({
      initiatedBy: z.string(),
      parentExecutionId: z.string().optional(),
      tags: z.record(z.string(), z.string()),
    }),
  })
  .meta({ id: 'Execution' });

const Summary = z
  .object({
    executionId: z.string(),
    planId: z.string(),
    planName: z.string(),
    mode: Mode,
    status: Status,
    outcome: OutcomeWord.optional(),
    currentWave: z.int(),
    totalWaves: z.int(),
    startedAt: Timestamp,
    completedAt: Timestamp.optional(),
  })
  .meta({ id: 'ExecutionSummary' });
export const ExecutionList = z.object({ executions: z.array(Summary), nextCursor: NextCursor });

export const ExecutionEvent = z
  .object({
    executionId: z.string(),
    sequence: z.int().describe('From 1, without gaps'),
    at: Timestamp,
    code: z.enum(Object.keys(EVENTS) as [EventCode, ...EventCode[]]),
    level: z.enum(['debug', 'info', 'warning', 'error']),
    message: z.string().describe('For people; it may change'),
    data: z.record(z.string(), z.union([z.string(), z.number()])),
  })
  .meta({ id: 'ExecutionEvent' });

export const Export = z
  .object({
    execution: Execution,
    technologies: z.array(
      z.object({
        executionId: z.string(),
        waveNumber: z.int(),
        technology: z.string(),
        operation: z.string(),
        status: z.string(),
        results: JsonObject,
      }),
    ),
    rto: z.object({
      objective: Duration.optional(),
      actual: Duration.optional(),
      waitedForPeople: Duration,
      met: z.boolean().optional(),
    }),
    rpo: z.object({
      objective: Duration.optional(),
      actual: Duration.optional(),
      met: z.boolean().optional(),
    }),
  })
  .meta({ id: 'ExecutionExport' });

export const ResourceRow = ResourceOutcome.extend({
  waveNumber: z.int(),
  technology: z.string(),
  operation: z.string(),
  name: z.string(),
}).meta({ id: 'ResourceRow' });
