import type { Operation } from '#adapters/contract.ts';
import { scripts } from '#adapters/application/scripts.ts';
import { adapterFunction } from './technology.ts';

export const handler = adapterFunction([scripts] as readonly Operation[]);
