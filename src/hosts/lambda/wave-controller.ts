import { OPERATIONS } from '#adapters/registry.ts';
import { HANDLERS } from '#workflow/handlers.ts';
import { functionOf, once } from './function.ts';
import { lambdaServices } from './services.ts';

/** The steps of executions and waves. It assesses technologies of all kinds, and performs none. */
const own = Object.entries(HANDLERS).filter(([name]) => !name.startsWith('technology-'));

export const handler = functionOf(
  Object.fromEntries(own),
  once(() => lambdaServices(OPERATIONS, process.env)),
);
