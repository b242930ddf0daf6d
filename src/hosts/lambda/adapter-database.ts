import { failover } from '#adapters/database/failover.ts';
import { rdsService } from '#aws/services/rds.ts';
import type { Adapter } from './services.ts';
import { adapterFunction } from './technology.ts';

export const adapter: Adapter = { operations: [failover], services: { rds: rdsService } };
export const handler = adapterFunction(adapter);
