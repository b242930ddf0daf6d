import type {
  FailureInfo,
  TagResourcesCommandInput,
  UntagResourcesCommandInput,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { MODELS } from '#sim/kernel/codec/models.ts';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';

const LARGEST_LIST = 20;

/** Answers what failed; everything else has been tagged. DRS cannot be tagged here, only through its own API. */
export function tagResources(call: Call, input: TagResourcesCommandInput) {
  return changeAll(call, input.ResourceARNList ?? [], input.Tags ?? {});
}

export function untagResources(call: Call, input: UntagResourcesCommandInput) {
  const changes = Object.fromEntries((input.TagKeys ?? []).map((key) => [key, null]));
  return changeAll(call, input.ResourceARNList ?? [], changes);
}

function changeAll(call: Call, arns: readonly string[], changes: Readonly<Record<string, string | null>>) {
  if (arns.length < 1 || arns.length > LARGEST_LIST) {
    throw new ServiceError('InvalidParameterException', 'ResourceARNList must have between 1 and 20 items.');
  }
  const failures = arns.flatMap((arn): [string, FailureInfo][] => {
    const problem = change(call, arn, changes);
    return problem === null
      ? []
      : [[arn, { StatusCode: 400, ErrorCode: 'InvalidParameterException', ErrorMessage: problem }]];
  });
  return { FailedResourcesMap: Object.fromEntries(failures) };
}

/** `null` if it worked, or else what is wrong. */
function change(call: Call, arn: string, changes: Readonly<Record<string, string | null>>): string | null {
  const [, , signingName = '', region = '', accountId] = arn.split(':');
  const name = MODELS.get(signingName)?.name;
  const service = call.world.services.find((each) => each.name === name);
  if (service?.changeTags === undefined) return `${signingName} resources cannot be tagged through this API.`;
  if (region !== '' && region !== call.region) return `${arn} is not in ${call.region}.`;
  if (accountId !== '' && accountId !== call.accountId) return `${arn} is not in account ${call.accountId}.`;
  const scope = { accountId: call.accountId, region: service.global ? 'global' : call.region };
  const isFound = service.changeTags(call.world.callFor(scope, call.principal), arn, changes);
  return isFound ? null : `${arn} does not exist.`;
}
