import { z } from 'zod';
import { RoleShape, Timestamp } from './common.ts';

const Given = z
  .object({
    by: z.string().describe('Id of the principal'),
    name: z.string(),
    roles: z.array(RoleShape),
    at: Timestamp,
    changeTicket: z.string().optional(),
    reason: z.string().optional(),
    linkMadeBy: z.string().optional().describe('Given by a one-time link that this principal has made'),
  })
  .meta({ id: 'Approval' });

/** What an approval gate carries beside what each gate has. */
export const ApprovalStateShape = z
  .object({
    required: z.int(),
    roles: z.array(RoleShape),
    changeTicket: z.enum(['required', 'optional']),
    planHash: z.string(),
    resourcesHash: z.string(),
    approvals: z.array(Given).describe('Those that count'),
    lapsed: z.array(Given).describe('Given for another plan or other resources: they do not count any more'),
    difference: z
      .object({
        planChanged: z.boolean(),
        resources: z.array(
          z.object({
            waveNumber: z.int(),
            technology: z.string(),
            added: z.array(z.string()),
            removed: z.array(z.string()),
          }),
        ),
      })
      .optional()
      .describe('How it differs from what was to be approved before'),
  })
  .meta({ id: 'ApprovalState' });
