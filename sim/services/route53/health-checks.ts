import type { ListHealthChecksCommandInput } from '@aws-sdk/client-route-53';
import type { Call } from '#sim/kernel/contract.ts';
import { healthChecks } from './rows.ts';

export function listHealthChecks(call: Call, input: ListHealthChecksCommandInput) {
  const all = healthChecks(call).all();
  const first = Math.max(
    0,
    all.findIndex((check) => check.id === input.Marker),
  );
  const size = Math.min(input.MaxItems ?? 100, 100);
  const next = all[first + size];
  return {
    HealthChecks: all.slice(first, first + size).map((check) => ({
      Id: check.id,
      CallerReference: check.id,
      HealthCheckVersion: 1,
      HealthCheckConfig: {
        Type: check.type as 'HTTPS',
        FullyQualifiedDomainName: check.fqdn,
        Port: check.port,
        RequestInterval: 30,
        FailureThreshold: 3,
      },
    })),
    Marker: input.Marker ?? '',
    IsTruncated: next !== undefined,
    NextMarker: next?.id,
    MaxItems: size,
  };
}
