import { BreakwaterError } from '#core/errors.ts';
import type { Aws, AwsTarget } from './aws.ts';
import { createCaller } from './caller.ts';
import type { CallsOf } from './operation-spec.ts';
import type { AwsOptions } from './options.ts';
import type { ServiceSpec } from './service-spec.ts';
import { assumeRoleCommand, roleCredentialsSource, type RoleCredentials } from './role-credentials.ts';
import { withRecordSearch } from './record-search.ts';
import type { AwsServices } from './services/all.ts';
import { stsService } from './services/sts.ts';
import { shareJobs } from './share-jobs.ts';

/**
 * Opens the door to AWS.
 *
 * 1. A call is rate limited, sent once by the SDK, and repeated here, by the tables and by the clock port.
 * 2. Credentials of target accounts are assumed per account and Region, and refreshed 5 minutes before their end.
 * 3. With a `requestHandler`, nothing waits on real time, so a rehearsal can run in virtual time.
 * 4. Of the services, this file knows only the types, and STS: a bundle holds the clients of those that it is given.
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
    const open = <N extends keyof AwsServices>(name: N): OpenCalls<N> | null => {
      const service: ServiceSpec | undefined = options.services[name];
      if (service === undefined) return null;
      const place = { name, accountId, region: service.global ? options.region : region, credentials };
      return caller.open({ ...place, service }) as OpenCalls<N>;
    };
    const drs = open('drs');
    const route53 = open('route53');
    return {
      accountId,
      region,
      drs: drs === null ? notGiven('drs') : shareJobs(drs, options.clock),
      rds: open('rds') ?? notGiven('rds'),
      ec2: open('ec2') ?? notGiven('ec2'),
      ssm: open('ssm') ?? notGiven('ssm'),
      lambda: open('lambda') ?? notGiven('lambda'),
      route53: route53 === null ? notGiven('route53') : withRecordSearch(route53),
      elbv2: open('elbv2') ?? notGiven('elbv2'),
      tagging: open('tagging') ?? notGiven('tagging'),
      sts: open('sts') ?? notGiven('sts'),
      sns: open('sns') ?? notGiven('sns'),
      events: open('events') ?? notGiven('events'),
      quotas: open('quotas') ?? notGiven('quotas'),
      stepFunctions: open('stepFunctions') ?? notGiven('stepFunctions'),
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

type OpenCalls<N extends keyof AwsServices> = CallsOf<Required<AwsServices>[N]['operations']>;

/** Stands for a service that the door was not given: a target is made whole, and only a call shows what is missing. */
function notGiven<N extends keyof AwsServices>(name: N): AwsTarget[N] {
  const refuse = (_calls: object, operation: string | symbol): never => {
    throw new BreakwaterError(
      'Bug',
      `${name}.${String(operation)} was asked for, but the door to AWS was opened without ${name}: give it among the services`,
    );
  };
  const none: object = {};
  return new Proxy(none, { get: refuse }) as AwsTarget[N];
}
