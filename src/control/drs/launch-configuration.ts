import type { AwsTarget } from '#aws/aws.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { requestOf, type Actor } from '../audit-log.ts';
import type { PlaneDeps } from '../plane-deps.ts';

/** What can be set of it. */
export interface LaunchConfiguration {
  readonly name?: string | undefined;
  readonly launchDisposition: 'STARTED' | 'STOPPED';
  readonly targetInstanceTypeRightSizingMethod: 'NONE' | 'BASIC' | 'IN_AWS';
  readonly copyPrivateIp: boolean;
  readonly copyTags: boolean;
  /** Bring your own licence. */
  readonly osByol: boolean;
  readonly postLaunchEnabled: boolean;
  /** The instance that is launched into, instead of a new one. */
  readonly launchIntoEc2InstanceId?: string | undefined;
}

/**
 * AWS counts no revisions of it. So `revision` is a number made of its content: the same content has the same. Between the look at
 * it and the change someone who goes past Breakwater can come in: AWS changes nothing on condition.
 */
export interface KeptLaunchConfiguration {
  readonly revision: number;
  readonly value: LaunchConfiguration & {
    readonly sourceServerId: string;
    readonly ec2LaunchTemplateId?: string;
  };
}

/** Throws `AwsNotFound`. */
export async function readLaunchConfiguration(
  deps: PlaneDeps,
  { drs }: AwsTarget,
  sourceServerID: string,
): Promise<KeptLaunchConfiguration> {
  return keptOf(deps, await drs.getLaunchConfiguration({ sourceServerID }, deps.services.signal));
}

export interface LaunchConfigurationChange {
  readonly sourceServerId: string;
  readonly value: LaunchConfiguration;
  readonly expected: number;
}

/** Changes all of it. Throws `PreconditionFailed` if it is another one than `expected` says. */
export async function changeLaunchConfiguration(
  deps: PlaneDeps,
  target: AwsTarget,
  { sourceServerId, value, expected }: LaunchConfigurationChange,
  { by, requestId }: Actor,
): Promise<KeptLaunchConfiguration> {
  const before = await readLaunchConfiguration(deps, target, sourceServerId);
  if (before.revision !== expected)
    throw new BreakwaterError(
      'PreconditionFailed',
      `the launch configuration of ${sourceServerId} has changed since it was read`,
      { details: { revision: before.revision } },
    );
  const { osByol, launchIntoEc2InstanceId = '', name, ...rest } = value;
  const answer = await target.drs.updateLaunchConfiguration(
    {
      sourceServerID: sourceServerId,
      ...rest,
      ...(name === undefined ? {} : { name }),
      licensing: { osByol },
      // An empty id takes it away; that there is none need not be said.
      ...(launchIntoEc2InstanceId === (before.value.launchIntoEc2InstanceId ?? '')
        ? {}
        : { launchIntoInstanceProperties: { launchIntoEC2InstanceID: launchIntoEc2InstanceId } }),
    },
    deps.services.signal,
  );
  const after = keptOf(deps, answer);
  await deps.audit.append({
    action: 'drs.launch-configuration.update',
    by,
    target: `drs/source-server/${sourceServerId}`,
    ...requestOf({ requestId }),
    data: {
      ...(target.accountId === undefined ? {} : { accountId: target.accountId }),
      region: target.region,
      before: before.value as unknown as Json,
      after: after.value as unknown as Json,
    },
  });
  return after;
}

type AwsConfiguration = Awaited<ReturnType<AwsTarget['drs']['getLaunchConfiguration']>>;

function keptOf(deps: PlaneDeps, configuration: AwsConfiguration): KeptLaunchConfiguration {
  const { ec2LaunchTemplateID, name, launchIntoInstanceProperties } = configuration;
  const into = launchIntoInstanceProperties?.launchIntoEC2InstanceID;
  const value = {
    sourceServerId: configuration.sourceServerID ?? '',
    ...(name === undefined ? {} : { name }),
    ...(ec2LaunchTemplateID === undefined ? {} : { ec2LaunchTemplateId: ec2LaunchTemplateID }),
    launchDisposition: configuration.launchDisposition ?? 'STARTED',
    targetInstanceTypeRightSizingMethod: configuration.targetInstanceTypeRightSizingMethod ?? 'BASIC',
    copyPrivateIp: configuration.copyPrivateIp ?? false,
    copyTags: configuration.copyTags ?? false,
    osByol: configuration.licensing?.osByol ?? false,
    postLaunchEnabled: configuration.postLaunchEnabled ?? false,
    ...(into ? { launchIntoEc2InstanceId: into } : {}),
  };
  // 48 bits: an ETag has at most 15 digits.
  return { value, revision: Number.parseInt(deps.hash(canonicalJson(value)).slice(0, 12), 16) };
}
