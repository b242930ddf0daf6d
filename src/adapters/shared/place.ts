import type { AwsTarget } from '#aws/aws.ts';
import type { OperationContext } from '../contract.ts';

/** An account and a Region; `null`: the caller's own, the configured one. JSON, so that it can be part of a state. */
export type Place = { readonly accountId: string | null; readonly region: string | null };

/** Where the technology works unless a protection group says otherwise. */
export function placeOf(
  context: OperationContext,
  own: { readonly accountId?: string | undefined; readonly region?: string | undefined } = {},
): Place {
  return {
    accountId: own.accountId ?? context.accountId ?? null,
    region: own.region ?? context.region ?? null,
  };
}

export function placeKey({ accountId, region }: Place): string {
  return `${accountId ?? ''}/${region ?? ''}`;
}

export function targetAt(context: OperationContext, { accountId, region }: Place): AwsTarget {
  return context.aws.for({ accountId: accountId ?? undefined, region: region ?? undefined });
}
