import type { Json } from '#core/json.ts';
import { cleanUpExecution, validateExecution } from './execution.ts';
import type { Services } from './services.ts';
import { failTechnology, pollTechnology, startTechnology } from './technologies.ts';
import { abortWave, applyDecision, completeWave, validateWaveCompletion } from './waves.ts';
import { validateWave } from './wave-validation.ts';

/** A handler of a Task state. Re-runnable: the same input twice ends the same. */
export type Handler = (services: Services, input: Json) => Promise<Json>;

/** The handlers by the name of their function; the state machines name them as `${…Function}`. */
export const HANDLERS: Readonly<Record<string, Handler>> = {
  'validate-execution': validateExecution,
  'validate-wave': validateWave,
  'validate-wave-completion': validateWaveCompletion,
  'apply-decision': applyDecision,
  'complete-wave': completeWave,
  'abort-wave': abortWave,
  'cleanup-execution': cleanUpExecution,
  'technology-start': startTechnology,
  'technology-poll': pollTechnology,
  'technology-fail': failTechnology,
};

/** What stands for the `${…}` names of the state machines when they run in one process. */
export const LOCAL_NAMES: Readonly<Record<string, string>> = {
  ValidateExecutionFunction: 'validate-execution',
  ValidateWaveFunction: 'validate-wave',
  ValidateWaveCompletionFunction: 'validate-wave-completion',
  ApplyDecisionFunction: 'apply-decision',
  CompleteWaveFunction: 'complete-wave',
  AbortWaveFunction: 'abort-wave',
  CleanupExecutionFunction: 'cleanup-execution',
  TechnologyStartFunction: 'technology-start',
  TechnologyPollFunction: 'technology-poll',
  TechnologyFailFunction: 'technology-fail',
  PauseResumeQueue: 'pause-resume',
  TechnologyStateMachine: 'technology',
};
