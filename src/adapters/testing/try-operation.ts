import type { Assessment } from '#adapters/contract.ts';
import type { OperationCase } from './operation-case.ts';
import { setStage } from './run-operation.ts';

/** A use of an operation for a test of its own, which looks at what it answers. */
export type Use = Pick<OperationCase, 'operation' | 'estate' | 'resources'> & Partial<OperationCase>;

/** A case that counts nothing. */
export function useOf(use: Use): OperationCase {
  return { name: 'a use', countEffects: () => 0, effects: 0, isDone: () => true, ...use };
}

/** What the operation says before it is done. */
export async function assessUse(use: Use): Promise<Assessment> {
  const given = useOf(use);
  const stage = setStage(given);
  await stage.clock.sleep(1_000);
  return given.operation.assess(stage.context(), stage.input);
}

/** `rule path` of each finding. */
export function rulesOf({ findings }: Assessment): string[] {
  return findings.map(({ level, rule, path }) => `${level} ${rule} ${path}`);
}
