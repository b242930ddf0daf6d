import { existsSync } from 'node:fs';
import type { AwsTarget } from '#aws/aws.ts';
import { createAws } from '#aws/create-aws.ts';
import { openDynamoDb } from '#aws/open-dynamodb.ts';
import type { AwsOptions } from '#aws/options.ts';
import { ALL_SERVICES } from '#aws/services/all.ts';
import type { DoctorParams } from '#cli/host.ts';
import { systemClock } from '#clocks/system.ts';
import { failed, ok, runChecks, warning, type Check, type CheckResult } from '#control/doctor/check.ts';
import { functionChecks, machineChecks, tableChecks } from '#control/doctor/control-account.ts';
import { quotaChecks } from '#control/doctor/quotas.ts';
import { reachChecks } from '#control/doctor/reach.ts';
import { accountChecks, noAccounts } from '#control/doctor/target-accounts.ts';
import type { TargetAccount } from '#control/target-accounts.ts';
import { hasCode } from '#core/errors.ts';
import { DocumentRepository } from '#store/documents.ts';
import { DynamoDbStore } from '#store/dynamodb/dynamodb-store.ts';
import type { Store } from '#store/port.ts';
import { openSqliteStore } from '#store/sqlite/open-sqlite-store.ts';
import { dataFiles } from './data-directory.ts';
import { localChecks } from './local-checks.ts';
import type { Environment } from './open-in.ts';

/** Longer than any answer that is one; shorter than a person's patience with eight at a time. */
const TIMEOUT_MS = 20_000;
const AT_ONCE = 8;

/**
 * Looks at this machine, and with `aws` at what stands there: first what needs no rights, then, if there are credentials, the control
 * account, and at last the accounts that its records name.
 */
export async function doctor(params: DoctorParams, environment: Environment): Promise<CheckResult[]> {
  const { dataDir, aws, onChange } = params;
  const results: CheckResult[] = [];
  const look = async (checks: readonly Check[]): Promise<void> => {
    const done = results.length;
    const tell = (waiting: readonly string[], more: number): void => onChange(waiting, done + more);
    const checking = { clock: systemClock(), timeoutMs: TIMEOUT_MS, atOnce: AT_ONCE, onChange: tell };
    results.push(...(await runChecks(checks, checking)));
  };
  const here = localChecks(dataDir, Date.now);
  if (!aws) {
    await look(here);
    return results;
  }
  // Whatever is left behind at the end must not keep the process alive.
  const stopped = new AbortController();
  try {
    const there = openPlaces(params, environment, stopped.signal);
    await look([...here, ...there.atFirst]);
    await look(there.control());
    await look(there.accounts());
  } finally {
    stopped.abort();
  }
  return results;
}

/** What can be looked at on AWS: each part is known when the one before it has been looked at. */
interface Places {
  readonly atFirst: readonly Check[];
  readonly control: () => readonly Check[];
  readonly accounts: () => readonly Check[];
}

function openPlaces(params: DoctorParams, environment: Environment, stopped: AbortSignal): Places {
  const tablePrefix = params.tablePrefix ?? environment['TABLE_PREFIX'] ?? '';
  const given = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
  const region = given || 'us-east-1';
  let simulated = false;
  const isSimulated = (): boolean => simulated;
  const found = new Map<string, TargetAccount>();
  const options: AwsOptions = {
    clock: systemClock(),
    region,
    services: ALL_SERVICES,
    sessionName: 'breakwater-doctor',
    accounts: async (accountId) => found.get(accountId) ?? null,
    onCall: (call) => (simulated ||= call.simulated),
  };
  const door = createAws(options);
  const target = door.for({});
  const dynamoDb = openDynamoDb(options);
  const caller = whoIn(target, stopped);
  const control = { target, dynamoDb, tablePrefix, isSimulated };
  const who: Check = {
    group: 'credentials',
    name: 'who am I',
    look: async () => {
      const { Account = '', Arn = '' } = await caller();
      const words = `${Arn}, account ${Account}${isSimulated() ? ', on a simulated AWS' : ''}`;
      if (given) return ok(`${words}, Region ${region}`);
      return warning(`${words}; no Region is set`, `Set AWS_REGION: until then it is ${region}.`);
    },
  };
  const inRecords: Check = {
    group: 'target accounts',
    name: 'in the records',
    look: async () => {
      const { accounts, source } = await readAccounts({ dynamoDb, tablePrefix, dataDir: params.dataDir });
      for (const account of accounts) found.set(account.accountId, account);
      return accounts.length === 0 ? noAccounts(source) : ok(`${accounts.length} in ${source}`);
    },
  };
  return {
    atFirst: [who, ...reachChecks({ region, environment, now: Date.now })],
    control: () =>
      caller.lacksCredentials()
        ? [NOT_LOOKED_AT]
        : [
            ...tableChecks(control),
            ...machineChecks(control, async () => (await caller()).Account ?? ''),
            ...functionChecks(control),
            ...quotaChecks(target, isSimulated),
            inRecords,
          ],
    accounts: () => accountChecks(door, [...found.values()], isSimulated),
  };
}

/** Once, instead of the same error for each of many checks. */
const NOT_LOOKED_AT: Check = {
  group: 'control account',
  name: 'everything in it',
  look: async () =>
    failed('not looked at: there are no credentials of AWS', 'Mend the credentials, and run it again.'),
};

/** Asks once who the caller is, for all that want to know. */
function whoIn({ sts }: AwsTarget, signal: AbortSignal) {
  let asked: ReturnType<typeof sts.getCallerIdentity> | null = null;
  let lacksCredentials = false;
  const ask = () => {
    asked ??= sts.getCallerIdentity({}, signal);
    asked.catch((error: unknown) => {
      lacksCredentials = hasCode(error, 'AwsCredentialsMissing') || hasCode(error, 'AwsCredentialsExpired');
    });
    return asked;
  };
  return Object.assign(ask, { lacksCredentials: () => lacksCredentials });
}

interface Records {
  readonly dynamoDb: ReturnType<typeof openDynamoDb>;
  readonly tablePrefix: string;
  readonly dataDir: string;
}

/** Of the control account's tables; where these cannot be read, of the data directory of this machine, if there is one. */
async function readAccounts({ dynamoDb, tablePrefix, dataDir }: Records) {
  const { records } = dataFiles(dataDir);
  try {
    const store = new DynamoDbStore({ dynamoDb, prefix: tablePrefix });
    return { accounts: await listAccounts(store), source: `the table ${tablePrefix}target-accounts` };
  } catch (error) {
    if (!existsSync(records)) throw error;
    const store = openSqliteStore({ path: records });
    try {
      return { accounts: await listAccounts(store), source: records };
    } finally {
      await store.close();
    }
  }
}

async function listAccounts(store: Store): Promise<TargetAccount[]> {
  const documents = new DocumentRepository<TargetAccount>({
    store,
    table: 'target-accounts',
    noun: 'target account',
  });
  const accounts: TargetAccount[] = [];
  let cursor: string | undefined;
  do {
    const page = await documents.list(cursor === undefined ? {} : { cursor });
    accounts.push(...page.items.map(({ value }) => value));
    ({ cursor } = page);
  } while (cursor !== undefined);
  return accounts;
}
