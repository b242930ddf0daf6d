import type { Aws, AwsTarget } from '#aws/aws.ts';
import { isBreakwaterError, messageOf, type BreakwaterError } from '#core/errors.ts';

/** What was looked at in an account: `role`, `externalId`, `drsInitialized`, or `permissions:<service>`. */
export interface AccountCheck {
  readonly region: string;
  readonly check: string;
  /** `unknown`: it could not be tried, or AWS had trouble of its own. */
  readonly status: 'passed' | 'failed' | 'unknown';
  readonly detail: string;
  /** What to do; empty when there is nothing to do. */
  readonly remedy: string;
  /** IAM actions that the role lacks. */
  readonly missingActions?: readonly string[];
}

export interface AccountChecks {
  readonly accountId: string;
  /** The worst of the checks. */
  readonly status: AccountCheck['status'];
  readonly checks: readonly AccountCheck[];
}

export interface CheckedAccount {
  readonly accountId: string;
  readonly roleArn: string;
  readonly externalId?: string | undefined;
  readonly regions: readonly string[];
}

type Verdict = Omit<AccountCheck, 'region' | 'check'>;
type Read = (target: AwsTarget, signal: AbortSignal) => Promise<unknown>;

/** Names nothing: what is read with it answers nothing, or that it is not there. */
const NOTHING = 'breakwater-permission-check';

/** A read for each IAM action that reads without an object, by service. What would change something is not tried. */
const READS: Readonly<Record<string, Readonly<Record<string, Read>>>> = {
  drs: {
    'drs:DescribeSourceServers': ({ drs }, signal) =>
      drs.describeSourceServers({ filters: { sourceServerIDs: ['s-00000000000000000'] } }, signal),
    'drs:DescribeJobs': ({ drs }, signal) =>
      drs.describeJobs({ filters: { jobIDs: ['drsjob-00000000000000000'] } }, signal),
    'drs:DescribeRecoveryInstances': ({ drs }, signal) =>
      drs.describeRecoveryInstances({ filters: { sourceServerIDs: ['s-00000000000000000'] } }, signal),
  },
  rds: {
    'rds:DescribeDBClusters': ({ rds }, signal) =>
      rds.describeDBClusters({ DBClusterIdentifier: NOTHING }, signal),
    'rds:DescribeDBInstances': ({ rds }, signal) =>
      rds.describeDBInstances({ DBInstanceIdentifier: NOTHING }, signal),
    'rds:DescribeGlobalClusters': ({ rds }, signal) =>
      rds.describeGlobalClusters({ GlobalClusterIdentifier: NOTHING }, signal),
  },
  ec2: {
    'ec2:DescribeInstances': ({ ec2 }, signal) =>
      ec2.describeInstances({ Filters: [{ Name: 'tag-key', Values: [NOTHING] }] }, signal),
  },
  ssm: {
    'ssm:DescribeInstanceInformation': ({ ssm }, signal) =>
      ssm.describeInstanceInformation(
        { Filters: [{ Key: 'InstanceIds', Values: ['i-00000000000000000'] }] },
        signal,
      ),
    'ssm:DescribeDocument': ({ ssm }, signal) => ssm.describeDocument({ Name: NOTHING }, signal),
  },
  lambda: {
    'lambda:GetFunctionConfiguration': ({ lambda }, signal) =>
      lambda.getFunctionConfiguration({ FunctionName: NOTHING }, signal),
  },
  elasticloadbalancing: {
    'elasticloadbalancing:DescribeLoadBalancers': ({ elbv2 }, signal) =>
      elbv2.describeLoadBalancers({ Names: [NOTHING.slice(0, 32)] }, signal),
    'elasticloadbalancing:DescribeTargetGroups': ({ elbv2 }, signal) =>
      elbv2.describeTargetGroups({ Names: [NOTHING.slice(0, 32)] }, signal),
  },
  tag: {
    'tag:GetResources': ({ tagging }, signal) =>
      tagging.getResources({ TagFilters: [{ Key: NOTHING }] }, signal),
  },
  servicequotas: {
    'servicequotas:ListServiceQuotas': ({ quotas }, signal) =>
      quotas.listServiceQuotas({ ServiceCode: 'drs' }, signal),
  },
};

/** Of services that have no Region: tried once. */
const GLOBAL_READS: typeof READS = {
  route53: {
    'route53:ListHostedZones': ({ route53 }, signal) => route53.listHostedZones({}, signal),
  },
};

const NOT_TRIED: Verdict = {
  status: 'unknown',
  detail: 'not tried: the role could not be assumed',
  remedy: 'Mend the role first.',
};

/** Regions that are tried side by side. */
const AT_ONCE = 5;

/** Tries an account through a fresh door, in each of its Regions. Never throws for what AWS answers. */
export async function checkAccount(
  aws: Aws,
  account: CheckedAccount,
  signal: AbortSignal,
): Promise<AccountChecks> {
  const checks: AccountCheck[] = [];
  const [first] = account.regions;
  for (let i = 0; i < account.regions.length; i += AT_ONCE) {
    const tried = account.regions.slice(i, i + AT_ONCE).map((region) => {
      const services = { ...READS, ...(region === first ? GLOBAL_READS : {}) };
      return checkRegion(aws.for({ accountId: account.accountId, region }), account, services, signal);
    });
    checks.push(...(await Promise.all(tried)).flat());
  }
  return { accountId: account.accountId, status: worstOf(checks), checks };
}

async function checkRegion(
  target: AwsTarget,
  account: CheckedAccount,
  services: typeof READS,
  signal: AbortSignal,
): Promise<AccountCheck[]> {
  const { region } = target;
  const role = await checkRole(target, account, signal);
  const entered = role.status === 'passed';
  const checks: AccountCheck[] = [
    { region, check: 'role', ...role },
    { region, check: 'externalId', ...externalIdVerdict(account, role) },
    { region, check: 'drsInitialized', ...(entered ? await checkDrs(target, signal) : NOT_TRIED) },
  ];
  for (const [service, reads] of Object.entries(services)) {
    const verdict = entered ? await checkReads(target, reads, signal) : NOT_TRIED;
    checks.push({ region, check: `permissions:${service}`, ...verdict });
  }
  return checks;
}

async function checkRole(
  target: AwsTarget,
  { accountId, roleArn, externalId }: CheckedAccount,
  signal: AbortSignal,
): Promise<Verdict> {
  try {
    const { Account, Arn } = await target.sts.getCallerIdentity({}, signal);
    if (Account === accountId) return passed(`entered as ${Arn ?? 'unknown'}`);
    return {
      status: 'failed',
      detail: `${roleArn} leads into account ${Account ?? 'unknown'}, not ${accountId}`,
      remedy: 'Name a role of this account.',
    };
  } catch (error) {
    return verdictOn(error, (denied) => ({
      status: 'failed',
      detail: denied.message,
      remedy: `Let the trust policy of ${roleArn} name the caller${
        externalId === undefined
          ? ', and give the account the external id that the policy demands, if any'
          : ` and the external id of this account`
      }; the caller needs sts:AssumeRole on it.`,
    }));
  }
}

/** AWS does not say which part of a trust policy refused; nor can it be seen from here whether the policy demands the id. */
function externalIdVerdict({ externalId }: CheckedAccount, role: Verdict): Verdict {
  if (externalId === undefined)
    return {
      status: 'passed',
      detail: 'none is set',
      remedy: 'Demand one in the trust policy, so that nobody else can have the role used for them.',
    };
  if (role.status === 'passed') return passed('the role was assumed with it');
  return {
    status: 'unknown',
    detail: 'the role was not assumed with it; AWS does not say whether the external id was the reason',
    remedy: 'Compare it with sts:ExternalId in the trust policy of the role.',
  };
}

async function checkDrs(target: AwsTarget, signal: AbortSignal): Promise<Verdict> {
  try {
    await target.drs.describeReplicationConfigurationTemplates({}, signal);
    return passed('DRS is initialized');
  } catch (error) {
    if (isBreakwaterError(error) && error.code === 'AwsNotInitialized')
      return { status: 'failed', detail: error.message, remedy: error.remedy };
    return verdictOn(error, lacks);
  }
}

async function checkReads(
  target: AwsTarget,
  reads: Readonly<Record<string, Read>>,
  signal: AbortSignal,
): Promise<Verdict> {
  const actions = Object.keys(reads);
  const verdicts = await Promise.all(
    actions.map(async (action): Promise<Verdict> => {
      try {
        await reads[action]!(target, signal);
        return passed('');
      } catch (error) {
        return verdictOn(error, lacks);
      }
    }),
  );
  const missingActions = actions.filter((_, i) => verdicts[i]!.status === 'failed');
  if (missingActions.length > 0)
    return {
      status: 'failed',
      detail: `the role may not ${missingActions.join(', ')}`,
      remedy: `Allow ${missingActions.join(', ')} in a policy of the role.`,
      missingActions,
    };
  return verdicts.find(({ status }) => status === 'unknown') ?? passed(`the role may ${actions.join(', ')}`);
}

function lacks(denied: BreakwaterError): Verdict {
  const action = denied.details['iamAction'] as string;
  return {
    status: 'failed',
    detail: denied.message,
    remedy: `Allow ${action} in a policy of the role.`,
    missingActions: [action],
  };
}

/** Who is told that a thing is not there, or that DRS is not set up, was let in. */
const LET_IN = new Set(['AwsNotFound', 'AwsNotInitialized']);

function verdictOn(error: unknown, ifDenied: (denied: BreakwaterError) => Verdict): Verdict {
  if (isBreakwaterError(error)) {
    if (LET_IN.has(error.code)) return passed('');
    if (error.code === 'AwsAccessDenied') return ifDenied(error);
    if (error.code === 'TargetAccountUnknown')
      return { status: 'failed', detail: error.message, remedy: error.remedy };
    return { status: 'unknown', detail: error.message, remedy: error.remedy };
  }
  return { status: 'unknown', detail: messageOf(error), remedy: 'Try again.' };
}

function passed(detail: string): Verdict {
  return { status: 'passed', detail, remedy: '' };
}

function worstOf(checks: readonly AccountCheck[]): AccountCheck['status'] {
  const has = (status: AccountCheck['status']): boolean => checks.some((check) => check.status === status);
  return has('failed') ? 'failed' : has('unknown') ? 'unknown' : 'passed';
}
