import type { Control } from '#control/control.ts';
import { AccountId, Region } from '#core/plan.ts';
import { TECHNOLOGY_TYPES } from '#core/tags.ts';
import { z } from 'zod';
import { defineRoute, type AnyRoute } from '../route.ts';

const Technology = z.enum(TECHNOLOGY_TYPES);
const Query = z.strictObject({
  tags: z.record(z.string().min(1).max(128), z.string().max(256)),
  technologies: z.array(Technology).optional(),
});

const Answer = z
  .object({
    discoveryQuery: z.object({
      tags: z.record(z.string(), z.string()),
      technologies: z.array(Technology).optional(),
    }),
    discoveredResources: z.partialRecord(Technology, z.array(z.string())),
    details: z.array(
      z.object({
        resourceId: z.string(),
        technology: Technology,
        kind: z.string(),
        arn: z.string().optional(),
        tags: z.record(z.string(), z.string()),
      }),
    ),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'DiscoveryAnswer' });

/** What carries the tags, grouped by technology. */
export function discoveryRoutes(control: Pick<Control, 'discover'>): AnyRoute[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/discovery',
      permission: 'discovery:read',
      operationId: 'discover',
      tag: 'Discovery',
      summary: 'Finds resources by their tags',
      body: z.strictObject({
        discoveryQuery: Query,
        accountId: AccountId.optional(),
        region: Region.optional(),
      }),
      responses: { 200: Answer },
      handle: async ({ body: { discoveryQuery, accountId, region } }) => {
        const { tags, technologies } = discoveryQuery;
        const answer = await control.discover({
          discoveryQuery: { tags, ...(technologies === undefined ? {} : { technologies }) },
          ...(accountId === undefined ? {} : { accountId }),
          ...(region === undefined ? {} : { region }),
        });
        return { status: 200, body: answer };
      },
    }),
  ];
}
