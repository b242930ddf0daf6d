import { OPERATIONS } from '#adapters/registry.ts';
import type { Json } from '#core/json.ts';
import { receiveGate } from '#workflow/gates.ts';
import { once } from './function.ts';
import { takeBatch } from './take-batch.ts';
import { lambdaServices } from './services.ts';

const services = once(() => lambdaServices(OPERATIONS, process.env));

/** The consumer of the pause/resume queue. */
export const handler = takeBatch((message: Json) => receiveGate(services(), message));
