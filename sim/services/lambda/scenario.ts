import { z } from 'zod';
import type { Call } from '#sim/kernel/contract.ts';
import { distinct } from '#sim/services/distinct.ts';
import { arnOf, functions } from './rows.ts';

const Function = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected letters, digits, dash and underscore, at most 64'),
  runtime: z.string().default('nodejs22.x'),
  handler: z.string().default('index.handler'),
  description: z.string().default(''),
  state: z.enum(['Active', 'Inactive', 'Pending', 'Failed']).default('Active'),
  timeoutSeconds: z.int().min(1).max(900).default(60),
  memoryMb: z.int().min(128).max(10_240).default(128),
  aliases: z.array(z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, 'expected the name of an alias')).default([]),
  tags: z.record(z.string(), z.string()).default({}),
  /** What it answers. */
  response: z.json().default(null),
  /** What it throws: a message, or type and message. */
  error: z
    .union([
      z.string().transform((message) => ({ type: 'Error', message })),
      z.strictObject({ type: z.string().default('Error'), message: z.string() }),
    ])
    .optional(),
  /** The first n invocations throw `error`, later ones answer. */
  failTimes: z.int().min(0).optional(),
  /** Longer than `timeoutSeconds`: it times out. */
  durationSeconds: z.number().min(0).default(0.2),
});

/** `accounts[].regions.<region>.lambda`. */
export const LambdaSection = z.strictObject({ functions: distinct(Function, 'name') });
type LambdaSection = z.infer<typeof LambdaSection>;

export function seed(call: Call, section: LambdaSection): void {
  for (const { response, error, failTimes, ...given } of section.functions) {
    const defaultError =
      failTimes === undefined ? null : { type: 'Error', message: 'failed as the scenario declares' };
    functions(call).put(given.name, {
      ...given,
      arn: arnOf(call, given.name),
      changedAt: call.now,
      response: JSON.stringify(response),
      error: error ?? defaultError,
      failTimes: failTimes ?? null,
    });
  }
}
