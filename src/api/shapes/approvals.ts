import { z } from 'zod';
import { ApprovalStateShape } from './approval-state.ts';
import { Gate, Mode } from './executions.ts';

export const WaitingApprovals = z.object({
  approvals: z.array(
    z
      .object({
        executionId: z.string(),
        planId: z.string(),
        planName: z.string(),
        mode: Mode,
        initiatedBy: z.string(),
        gate: Gate.extend({ approval: ApprovalStateShape }).meta({ id: 'ApprovalGate' }),
      })
      .meta({ id: 'WaitingApproval' }),
  ),
});

export const ApprovalResultShape = z
  .object({
    executionId: z.string(),
    gateId: z.string(),
    status: z.enum(['open', 'closed']).describe('Of the gate, after it'),
    approvals: z.int().describe('That count now'),
    required: z.int(),
  })
  .meta({ id: 'ApprovalResult' });
