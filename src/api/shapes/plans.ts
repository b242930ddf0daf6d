import { Plan } from '#core/plan.ts';
import { z } from 'zod';
import { Timestamp } from './common.ts';

export const FindingShape = z
  .object({
    level: z.enum(['error', 'warning', 'info']),
    rule: z.string(),
    path: z.string(),
    value: z.json().optional(),
    message: z.string(),
    remedy: z.string(),
  })
  .meta({ id: 'Finding' });

const Duration = z.string().describe('ISO 8601 duration');

const summary = {
  planId: z.string(),
  version: z.int(),
  planHash: z.string().describe('SHA-256 of its content'),
  updatedAt: Timestamp,
  updatedBy: z.string(),
};

export const PlanSummary = z
  .object({ ...summary, name: z.string(), waves: z.int() })
  .meta({ id: 'PlanSummary' });

/** The plan itself is what was put in, with defaults filled in; docs/plan-file.md describes it. */
export const StoredPlan = z.object({ ...summary, plan: Plan }).meta({ id: 'StoredPlan' });

const PlannedCall = z.object({
  iamAction: z.string().optional().describe('Missing: the call is not made to AWS'),
  accountId: z.string().optional(),
  region: z.string().optional(),
  count: z.number(),
  summary: z.string(),
});

const QuotaUse = z.object({
  name: z.string(),
  code: z.string(),
  limit: z.number(),
  used: z.number(),
  needed: z.number(),
});

const assessment = {
  findings: z.array(FindingShape),
  expectedDuration: Duration,
  waves: z.array(
    z.object({
      waveNumber: z.int(),
      expectedDuration: Duration,
      technologies: z.array(
        z.object({
          type: z.string(),
          operation: z.string(),
          resources: z.array(z.string()),
          expectedDuration: Duration,
          basis: z.string().describe('On what ground that long is expected'),
          calls: z.array(PlannedCall),
          quotas: z.array(QuotaUse),
        }),
      ),
    }),
  ),
};

const at = { waveNumber: z.int(), type: z.string(), operation: z.string() };

export const Assessment = z.object(assessment).meta({ id: 'PlanAssessment' });
export const DryRun = z
  .object({
    ...assessment,
    ready: z.boolean().describe('No finding is an error: it could start'),
    calls: z.array(PlannedCall.extend(at)).describe('All calls that would change something'),
    quotas: z.array(QuotaUse.extend(at)),
    iamActions: z
      .array(z.string())
      .describe('What the operations need at most, reads included; sorted, each once'),
  })
  .meta({ id: 'DryRun' });

export const DifferenceShape = z
  .object({ path: z.string(), before: z.json().optional(), after: z.json().optional() })
  .meta({ id: 'Difference' });
