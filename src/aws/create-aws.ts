import { BreakwaterError } from '#core/errors.ts';
import type { Aws, AwsTarget } from './aws.ts';
import { createCaller } from './caller.ts';
import type { CallsOf } from './operation-spec.ts';
import type { AwsOptions } from './options.ts';
import { assumeRoleCommand, roleCredentialsSource, type RoleCredentials } from './role-credentials.ts';
import type { ServiceSpec } from './service-spec.ts';
import { drsService } from './services/drs.ts';
import { ec2Service } from './services/ec2.ts';
import { elbv2Service } from './services/elbv2.ts';
import { eventsService } from './services/events.ts';
import { lambdaService } from './services/lambda.ts';
import { quotasService } from './services/quotas.ts';
import { rdsService } from './services/rds.ts';
import { route53Service, withRecordSearch } from './services/route53.ts';
import { snsService } from './services/sns.ts';
import { ssmService } from './services/ssm.ts';
import { stepFunctionsService } from './services/step-functions.ts';
import { stsService } from './services/sts.ts';
import { taggingService } from './services/tagging.ts';
import { shareJobs } from './share-jobs.ts';

/**
 * Opens the door to AWS.
 *
 * 1. A call is rate limited, sent once by the SDK, and repeated here, by the tables and by the clock port.
 * 2. Credentials of target accounts are assumed per account and Region, and refreshed 5 minutes before their end.
 * 3. With a `requestHandler`, nothing waits on real time, so a rehearsal can run in virtual time.
 */
export function createAws(options: AwsOptions): Aws {
  const caller = createCaller(options);
  const targets = new Map<string, AwsTarget>();
  return {
    for({ accountId, region = options.region }) {
      const key = `${accountId ?? ''}/${region}`;
      const target = targets.get(key) ?? makeTarget(accountId, region);
      targets.set(key, target);
      return target;
    },
  };

  function makeTarget(accountId: string | undefined, region: string): AwsTarget {
    const credentials = accountId === undefined ? null : credentialsFor(accountId, region);
    const open = <S extends ServiceSpec>(name: string, service: S): CallsOf<S['operations']> =>
      caller.open({
        name,
        service,
        accountId,
        region: service.global ? options.region : region,
        credentials,
      });
    return {
      accountId,
      region,
      drs: shareJobs(open('drs', drsService), options.clock),
      rds: open('rds', rdsService),
      ec2: open('ec2', ec2Service),
      ssm: open('ssm', ssmService),
      lambda: open('lambda', lambdaService),
      route53: withRecordSearch(open('route53', route53Service)),
      elbv2: open('elbv2', elbv2Service),
      tagging: open('tagging', taggingService),
      sts: open('sts', stsService),
      sns: open('sns', snsService),
      events: open('events', eventsService),
      quotas: open('quotas', quotasService),
      stepFunctions: open('stepFunctions', stepFunctionsService),
    };
  }

  /** `null`: the account is the caller's own, after all. */
  function credentialsFor(accountId: string, region: string): () => Promise<RoleCredentials | null> {
    let source: Promise<(() => Promise<RoleCredentials>) | null> | null = null;
    const find = async (): Promise<(() => Promise<RoleCredentials>) | null> => {
      const account = await options.accounts(accountId);
      if (account === null) {
        await requireOwnAccount(accountId, region);
        return null;
      }
      const command = assumeRoleCommand(account, options.sessionName);
      return roleCredentialsSource(options.clock, () => caller.assumeRole(command, accountId, region));
    };
    return async () => {
      source ??= find();
      source.catch(() => (source = null));
      const credentials = await source;
      return credentials === null ? null : credentials();
    };
  }

  async function requireOwnAccount(accountId: string, region: string): Promise<void> {
    const own = await createOwn(region).getCallerIdentity({});
    if (own.Account === accountId) return;
    throw new BreakwaterError('TargetAccountUnknown', `account ${accountId} is not a target account`, {
      details: { accountId, ownAccountId: own.Account ?? null },
    });
  }

  function createOwn(region: string): AwsTarget['sts'] {
    return caller.open({ name: 'sts', service: stsService, accountId: undefined, region, credentials: null });
  }
}
