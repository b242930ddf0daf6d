import { ROLES } from '#core/permissions.ts';
import { z } from 'zod';

/** Shapes that several routes share. */

export const RoleShape = z.enum(ROLES);

export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().max(1_024).optional().describe('From `nextCursor` of the page before'),
});

export const NextCursor = z
  .string()
  .optional()
  .describe('Ask for the next page with it; missing on the last page');

export const Reason = z.string().min(1).max(1_000);
export const Timestamp = z.string().describe('ISO 8601');
