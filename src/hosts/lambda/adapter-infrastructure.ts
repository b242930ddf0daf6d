import type { Operation } from '#adapters/contract.ts';
import { dnsUpdate } from '#adapters/infrastructure/dns-update.ts';
import { targetRegistration } from '#adapters/infrastructure/target-registration.ts';
import { adapterFunction } from './technology.ts';

export const handler = adapterFunction([dnsUpdate, targetRegistration] as readonly Operation[]);
