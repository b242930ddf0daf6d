import type { Aws } from '#aws/aws.ts';
import { checkAccount, type AccountCheck, type CheckedAccount } from '../account-checks.ts';
import { failed, ok, warning, type Check, type Found } from './check.ts';
import { drsQuotaFound } from './quotas.ts';

/** For each account and Region: role, external id, DRS and rights; replication; quotas of DRS. */
export function accountChecks(
  aws: Aws,
  accounts: readonly CheckedAccount[],
  isSimulated: () => boolean,
): Check[] {
  return accounts.flatMap((account) =>
    account.regions.flatMap((region): Check[] => {
      const target = aws.for({ accountId: account.accountId, region });
      const check = (name: string, look: Check['look']): Check => ({
        group: `account ${account.accountId}`,
        name: `${name}, ${region}`,
        look,
      });
      return [
        check('role and rights', (signal) => lookAtRole(aws, { ...account, regions: [region] }, signal)),
        check('replication', async (signal) =>
          replicationFound(await target.drs.describeSourceServers({}, signal)),
        ),
        check('quotas of DRS', (signal) => drsQuotaFound(target, isSimulated, signal)),
      ];
    }),
  );
}

async function lookAtRole(aws: Aws, account: CheckedAccount, signal: AbortSignal): Promise<Found> {
  const { checks } = await checkAccount(aws, account, signal);
  // What could not be tried since something before it failed is no finding of its own.
  const [worst, ...others] = [
    ...checks.filter(({ status }) => status === 'failed'),
    ...checks.filter(({ status, detail }) => status === 'unknown' && !detail.startsWith('not tried')),
    ...checks.filter(({ status, remedy }) => status === 'passed' && remedy !== ''),
  ];
  if (worst === undefined) return ok(checks.find(({ check }) => check === 'role')!.detail);
  const words = [worst, ...others].map(({ check, detail }) => `${check}: ${detail}`).join('; ');
  const remedy = [...new Set([worst, ...others].map((one) => one.remedy))].join(' ');
  return isBad(worst) ? failed(words, remedy) : warning(words, remedy);
}

function isBad({ status }: AccountCheck): boolean {
  return status === 'failed';
}

type Servers = Awaited<ReturnType<ReturnType<Aws['for']>['drs']['describeSourceServers']>>;

/** How many servers are how ready to be recovered. */
function replicationFound(servers: Servers): Found {
  if (servers.length === 0)
    return warning('no source servers', 'Install the agent of DRS on what is to be recovered here.');
  const states = Map.groupBy(
    servers,
    ({ dataReplicationInfo: info }) => info?.dataReplicationState ?? 'UNKNOWN',
  );
  const words = [...states]
    .map(([state, { length }]) => `${length} ${state}`)
    .toSorted()
    .join(', ');
  const sound = states.get('CONTINUOUS')?.length ?? 0;
  if (sound === servers.length) return ok(`${servers.length} source servers: ${words}`);
  return warning(
    `${servers.length} source servers: ${words}`,
    'Those that are not CONTINUOUS recover to an older moment, or not at all: see the console of DRS, or GET /drs/source-servers.',
  );
}

/** Said, so that nobody takes silence for health. */
export function noAccounts(source: string): Found {
  return warning(`none in ${source}`, 'Add the accounts that plans work in: POST /target-accounts.');
}
