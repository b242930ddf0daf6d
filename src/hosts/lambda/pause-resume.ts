import type { Json } from '#core/json.ts';
import { receiveGate } from '#workflow/gates.ts';
import { once } from './function.ts';
import { takeBatch } from './take-batch.ts';
import { lambdaServices, thenSettled } from './services.ts';

/** Gates are records and tokens: no operation is performed here, and none assessed. */
const services = once(() => lambdaServices({ operations: [], services: {} }, process.env));

const receive = thenSettled(receiveGate);

/** The consumer of the pause/resume queue. */
export const handler = takeBatch(async (message: Json) => receive(await services(), message));
