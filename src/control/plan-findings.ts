import { z } from 'zod';
import type { Finding } from '#core/outcome.ts';
import { Plan } from '#core/plan.ts';
import { schemaFindings } from '#core/schema-findings.ts';
import { checkWaves } from '#core/wave-graph.ts';

/** Checks data against the plan schema and the graph of its waves. `plan` only when there is nothing to mend. */
export function checkPlanData(data: unknown): { readonly plan: Plan | null; readonly findings: Finding[] } {
  const findings = [...schemaFindings(Plan, data), ...checkGraph(data)];
  return { plan: findings.length === 0 ? Plan.parse(data) : null, findings };
}

const GraphOnly = z.looseObject({
  waves: z.array(
    z.looseObject({ waveNumber: z.int().min(1), dependencies: z.array(z.int().min(1)).optional() }),
  ),
});

/** Looks at the graph even when the rest of the plan is not sound, so that everything is said at once. */
function checkGraph(data: unknown): Finding[] {
  const parsed = GraphOnly.safeParse(data);
  return parsed.success
    ? checkWaves(
        parsed.data.waves.map(({ waveNumber, dependencies }) => ({
          waveNumber,
          ...(dependencies && { dependencies }),
        })),
      )
    : [];
}
