import { canonicalJson } from '#core/canonical-json.ts';
import { labelOf } from '#core/progress.ts';
import type { ResolvedTechnology, TechnologyRecord } from '#core/records.ts';
import { createHash } from 'node:crypto';
import { workOf } from './context.ts';
import type { Services } from './services.ts';

/**
 * What the references of a wave's technologies resolve to now, or of all waves (`waveNumber` 0), by the adapters' assessments.
 * Reads only. Throws what they throw: nobody can tell then what would be approved.
 */
export async function resolveResources(
  services: Services,
  executionId: string,
  waveNumber: number,
): Promise<ResolvedTechnology[]> {
  const { executions } = services;
  const [head, plan, technologies] = await Promise.all([
    executions.head(executionId),
    executions.plan(executionId),
    executions.technologies(executionId, waveNumber === 0 ? undefined : waveNumber),
  ]);
  // Before the first wave, what earlier waves will bring forth does not exist yet.
  const seen = waveNumber === 0 ? { ...head, status: 'planning' as const } : head;
  const resolved: ResolvedTechnology[] = [];
  for (const wave of Map.groupBy(technologies, (technology) => technology.waveNumber).values())
    resolved.push(
      ...(await Promise.all(
        wave.map(async (technology) => {
          const { operation, context, input } = workOf(services, seen, plan, technology);
          const { resources } = await operation.assess(context, input);
          return resolvedOf(
            technology,
            resources.map(({ resourceId }) => resourceId),
          );
        }),
      )),
    );
  return resolved;
}

/** A technology with what it resolves to. */
export function resolvedOf(technology: TechnologyRecord, resources: readonly string[]): ResolvedTechnology {
  const { waveNumber, technologyIndex } = technology;
  return {
    waveNumber,
    technologyIndex,
    technology: labelOf(technology),
    resources: [...new Set(resources)].sort(),
  };
}

/** SHA-256, in hexadecimal digits. */
export function hashResources(resources: readonly ResolvedTechnology[]): string {
  return createHash('sha256').update(canonicalJson(resources)).digest('hex');
}
