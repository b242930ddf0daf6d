import { AccountId, Region, Tags } from '#core/plan.ts';
import { z } from 'zod';

const SourceServerId = z.string().regex(/^s-[0-9a-f]{17}$/, 'expected s- and 17 hex digits');

const place = { accountId: AccountId.optional(), region: Region.optional() };

/** What a preview is asked for: a kept group, or tags and ids; in one place, or in several. */
export const ResolveQuery = z
  .strictObject({
    groupId: z.string().min(1).max(128).optional(),
    tags: Tags.optional(),
    sourceServerIds: z.array(SourceServerId).max(1_000).optional(),
    ...place,
    places: z.array(z.strictObject(place)).min(1).max(50).optional(),
  })
  .refine(
    ({ groupId, tags, sourceServerIds }) =>
      groupId !== undefined || Object.keys(tags ?? {}).length > 0 || (sourceServerIds?.length ?? 0) > 0,
    { message: 'expected groupId, tags or sourceServerIds' },
  );

export const ResolvedShape = z
  .object({
    matched: z.int(),
    places: z.array(
      z.object({
        accountId: z.string(),
        region: z.string(),
        servers: z.array(
          z.object({
            sourceServerId: z.string(),
            name: z.string(),
            tags: z.record(z.string(), z.string()),
            replicationState: z.string(),
            lag: z.string().optional(),
            recoveryInstanceId: z.string().optional(),
          }),
        ),
        failure: z
          .object({ code: z.string(), message: z.string() })
          .optional()
          .describe('Why this place could not be looked at; then it has no servers'),
      }),
    ),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'ResolvedGroup' });
