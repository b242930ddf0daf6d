import type { Operation } from '#adapters/contract.ts';
import { recovery } from '#adapters/drs/recovery.ts';
import { terminate } from '#adapters/drs/terminate.ts';
import { adapterFunction } from './technology.ts';

export const handler = adapterFunction([recovery, terminate] as readonly Operation[]);
