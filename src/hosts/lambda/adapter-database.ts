import type { Operation } from '#adapters/contract.ts';
import { failover } from '#adapters/database/failover.ts';
import { adapterFunction } from './technology.ts';

export const handler = adapterFunction([failover] as readonly Operation[]);
