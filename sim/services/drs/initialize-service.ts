import type { Call } from '#sim/kernel/contract.ts';
import { findSettings, putSettings } from './rows.ts';
import { Settings } from './settings.ts';

/** Opens a Region for DRS. Again on an open one it does nothing. */
export function initializeService(call: Call) {
  putSettings(call, { ...(findSettings(call) ?? Settings.parse({})), initialized: true });
  return {};
}
