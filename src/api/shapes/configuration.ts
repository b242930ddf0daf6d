import { Schedule } from '#control/triggers/schedules.ts';
import { Settings } from '#control/settings.ts';
import { PublicSubscription } from '#control/subscriptions/subscriptions.ts';
import { TargetAccount } from '#control/target-accounts.ts';
import { Trigger } from '#control/triggers/triggers.ts';
import { Plan, ProtectionGroup } from '#core/plan.ts';
import { z } from 'zod';
import { DifferenceShape } from './plans.ts';

const ImportedId = z.object({
  kind: z.string().describe('The member of the document: `recoveryPlans`'),
  id: z.string(),
});

export const ImportShape = z
  .object({
    applied: z.boolean().describe('False for a preview'),
    created: z.array(ImportedId),
    updated: z.array(ImportedId.extend({ differences: z.array(DifferenceShape) })),
    unchanged: z.array(ImportedId),
    writes: z.int().describe('Rows that it writes; 100 are possible at once'),
  })
  .meta({ id: 'ConfigurationImport' });

export const ExportShape = z
  .object({
    formatVersion: z.literal(1),
    recoveryPlans: z.array(Plan),
    protectionGroups: z.array(ProtectionGroup),
    targetAccounts: z.array(TargetAccount),
    schedules: z.array(Schedule).optional(),
    triggers: z.array(Trigger).optional(),
    subscriptions: z.array(PublicSubscription).optional(),
    settings: Settings.optional(),
  })
  .catchall(z.json())
  .meta({ id: 'ConfigurationExport' });
