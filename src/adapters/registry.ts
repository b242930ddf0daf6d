import type { Operation } from './contract.ts';
import { finderAmong } from './find-operation.ts';
import { scripts } from './application/scripts.ts';
import { failover } from './database/failover.ts';
import { recovery } from './drs/recovery.ts';
import { terminate } from './drs/terminate.ts';
import { dnsUpdate } from './infrastructure/dns-update.ts';
import { targetRegistration } from './infrastructure/target-registration.ts';

/** Every operation that a plan can name. A new adapter is a folder and its lines here. */
export const OPERATIONS: readonly Operation[] = [
  recovery,
  terminate,
  failover,
  scripts,
  dnsUpdate,
  targetRegistration,
];

/** The operation of a technology. Throws `OperationUnknown`. */
export const findOperation = finderAmong(OPERATIONS);
