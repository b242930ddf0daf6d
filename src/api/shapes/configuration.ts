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
    recoveryPlans: z.array(z.looseObject({ planId: z.string() })),
    protectionGroups: z.array(z.looseObject({ groupId: z.string() })),
    targetAccounts: z.array(z.looseObject({ accountId: z.string() })),
    settings: z.looseObject({}).optional(),
  })
  .catchall(z.json())
  .meta({ id: 'ConfigurationExport' });
