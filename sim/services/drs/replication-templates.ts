import type { DescribeReplicationConfigurationTemplatesCommandInput } from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { pageOf } from './pages.ts';
import { getSettings } from './rows.ts';

/** None: InitializeService makes none. Callers ask for them to learn whether the Region is initialized. */
export function describeReplicationConfigurationTemplates(
  call: Call,
  input: DescribeReplicationConfigurationTemplatesCommandInput,
) {
  getSettings(call);
  return pageOf<never>([], input);
}
