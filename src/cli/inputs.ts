import { z } from 'zod';
import type { CommandOption } from './command.ts';

/** Inputs that several commands share, and the options that they come from. */

export const ExecutionId = z.string().min(1);

export const Json = z.boolean().default(false);
export const JSON_OPTION: CommandOption = {
  flags: '--json',
  summary: 'print JSON on stdout, one value a line; words go to stderr',
};

export const DataDir = z.string().min(1).default('.breakwater');
export const DATA_DIR_OPTION: CommandOption = {
  flags: '--data-dir <dir>',
  summary: 'where executions are kept (default: $BREAKWATER_DATA_DIR, else .breakwater)',
};

export const Scenario = z.string().min(1).optional();
export const SCENARIO_OPTION: CommandOption = {
  flags: '--scenario <file>',
  summary: 'work on the simulated AWS of this file; without it on real AWS (or AWS_ENDPOINT_URL)',
};

/** A number above 0, as text. */
export const Positive = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'expected a number above 0')
  .transform(Number)
  .refine((value) => value > 0 && value <= 1_000_000, 'expected a number above 0, at most 1000000');

/** A whole number from 0, as text. */
export const Whole = z
  .string()
  .regex(/^\d{1,9}$/, 'expected a whole number')
  .transform(Number);

export const EXECUTION_ARGUMENT = {
  name: 'executionId',
  label: 'ID',
  summary: 'the id of the execution, or `latest`',
} as const;
