import type { SolutionDoor } from '#adapters/drs/solution-door.ts';
import { askSolution, type SolutionPlace } from './ask-solution.ts';
import { breakwaterSolution } from './breakwater-solution.ts';
import { drsOrchestrationSolution } from './drs-orchestration-solution.ts';

const DIALECTS = {
  breakwater: breakwaterSolution,
  'drs-orchestration': drsOrchestrationSolution,
} as const;

/** Which API the solution speaks. */
export type SolutionKind = keyof typeof DIALECTS;

/** The door to a solution, over HTTP. */
export function openSolution(kind: SolutionKind, place: SolutionPlace): SolutionDoor {
  return DIALECTS[kind](place, askSolution(place));
}
