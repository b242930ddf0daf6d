import { BreakwaterError } from '#core/errors.ts';

/** 256 KiB, the limit of Step Functions for the input or result of a state. */
export const LIMIT_BYTES = 262_144;

/** Throws `EngineStartInvalid`. Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
export function checkStart(name: string, inputJson: string): void {
  // eslint-disable-next-line no-control-regex -- the service names these characters
  if (!/^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]{1,80}$/.test(name)) {
    throw new BreakwaterError('EngineStartInvalid', `'${name}' cannot be the name of an execution`);
  }
  const bytes = Buffer.byteLength(inputJson);
  if (bytes > LIMIT_BYTES)
    throw new BreakwaterError('EngineStartInvalid', `the input of '${name}' has ${bytes} bytes`);
}

/** Throws `TaskOutputInvalid`. Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html */
export function checkOutput(outputJson: string): void {
  const bytes = Buffer.byteLength(outputJson);
  if (bytes > LIMIT_BYTES)
    throw new BreakwaterError('TaskOutputInvalid', `the output of the task has ${bytes} bytes`);
}
