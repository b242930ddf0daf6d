import { beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/json.ts';
import { hasDynamoDbLocal } from '#store/dynamodb/testing/dynamodb-local.ts';
import { ACCOUNT } from '../step-functions/support/interpreter.ts';
import { perform } from '../step-functions/support/perform.ts';
import { PLAYS, type PlayName } from '../step-functions/support/plays.ts';
import { embeddedStage } from '../step-functions/support/stages.ts';
import { HAS_PYTHON } from '../support/python.ts';
import { HAS_CDK } from './support/assembly.ts';
import { deployCloud, startProviders, type Cloud, type Providers } from './support/cloud.ts';
import { afterTroubles, comparable, type Comparable } from './support/compare.ts';
import type { Trouble } from './support/lambda-service.ts';
import { keepDocuments } from './support/documents.ts';
import { done, playOn } from './support/play.ts';
import { isOfPlatform, rightsIn, wordsOf } from './support/rights.ts';
import { DISASTERS } from './support/troubles.ts';

const timeout = 300_000;
let providers: Providers;
/** Rights that were used in any of the plays. */
const used = new Set<string>();

interface Both {
  readonly embedded: Comparable;
  readonly assembled: Comparable;
  readonly cloud: Cloud;
}

/** Plays it on the embedded engine, then on a deployment of its own in which these troubles strike. */
async function playBoth(
  name: PlayName,
  troubles: readonly Trouble[],
  look: (both: Both) => void,
): Promise<void> {
  const embedded = await perform(await PLAYS[name](), embeddedStage);
  const play = await PLAYS[name]();
  const cloud = await deployCloud({ providers, estate: play.estate, troubles });
  try {
    const assembled = await playOn(cloud, play);
    look({
      embedded: comparable(embedded, Object.keys(embedded.ends)[0]!),
      assembled: comparable(assembled, assembled.executionId),
      cloud,
    });
    expect(await done(cloud, { operation: 'verifyAudit' })).toMatchObject({ ok: true });
    expect(await chained(cloud)).toEqual(assembled.log.length);
    keptToRights(cloud);
  } finally {
    await cloud.close();
  }
}

/** Nothing was done that the roles may not do; what was done is added to `used`. */
function keptToRights({ deployed: { journal } }: Cloud): void {
  expect([...journal.denied]).toEqual([]);
  for (const right of journal.used) used.add(right);
}

/** How many events of executions the audit trail has. */
async function chained(cloud: Cloud): Promise<number> {
  let count = 0;
  let cursor: unknown;
  do {
    const query = { limit: 200, ...(cursor !== undefined && { cursor: cursor as string }) };
    const page = await done(cloud, { operation: 'listAudit', query });
    const records = page['records'] as { record: JsonObject }[];
    count += records.filter(({ record }) => record['action'] === 'execution.event').length;
    cursor = page['nextCursor'];
  } while (cursor !== undefined && cursor !== null);
  return count;
}

/** How often each call that moves something took effect in the simulated AWS. */
function effects({ simulation: { stats } }: Cloud): Record<string, number> {
  const counted = {
    drs: 'StartRecovery',
    rds: 'FailoverDBCluster',
    ssm: 'SendCommand',
    route53: 'ChangeResourceRecordSets',
  };
  return Object.fromEntries(
    Object.entries(counted).map(([service, operation]) => [operation, stats.effects({ service, operation })]),
  );
}

/** By play. */
const EFFECTS: Readonly<Record<PlayName, readonly number[]>> = {
  "the specification's plan, through its pause": [1, 1, 1, 1],
  'a failure that is retried, fails again and is skipped': [4, 0, 0, 0],
  'a pause that someone asked for': [2, 0, 0, 0],
  'approvals of the plan and of a wave': [1, 1, 1, 1],
  'a cancellation in the middle of a wave': [1, 1, 1, 0],
  'two waves side by side': [1, 1, 1, 1],
  'a failure that ends the execution': [1, 0, 0, 0],
};

/** Rights to change, list or start that none of the plays needs. */
const UNPLAYED: readonly string[] = [
  // An event after the end of its execution, by a gate's message that comes late.
  'breakwater-pause-resume dynamodb:PutItem table/platform-records audit-unchained',
  // Asked when the answer to a start was lost.
  'breakwater-api states:DescribeExecution execution:breakwater-recovery:*',
  // The records of an execution before the newest of the trail.
  'breakwater-api dynamodb:Query table/platform-records/index/IndexPartition-IndexSort',
];

describe.runIf(HAS_CDK && HAS_PYTHON && hasDynamoDbLocal())(
  'the deployment, assembled of what is deployed',
  () => {
    beforeAll(async () => {
      providers = await startProviders();
      return () => providers.close();
    }, 300_000);

    test.concurrent.each((Object.keys(PLAYS) as PlayName[]).map((name) => ({ name })))(
      'takes $name as the embedded engine does.',
      { timeout },
      ({ name }) =>
        playBoth(name, [], ({ embedded, assembled, cloud }) => {
          expect(assembled).toEqual(embedded);
          expect(Object.values(effects(cloud))).toEqual(EFFECTS[name]);
          expect(cloud.deployed.journal).toMatchObject({ strays: [], errors: [] });
        }),
    );

    test.concurrent.each(DISASTERS)(
      'when its functions are $name: it comes to the same end, and nothing is done twice.',
      { timeout },
      ({ play, troubles }) =>
        playBoth(play, troubles, ({ embedded, assembled, cloud }) => {
          expect(afterTroubles(assembled)).toEqual(afterTroubles(embedded));
          expect(Object.values(effects(cloud))).toEqual(EFFECTS[play]);
          expect(cloud.deployed.journal.left.filter(({ isOptional }) => !isOptional)).toEqual([]);
          expect(cloud.deployed.journal.strays).toEqual([]);
        }),
    );

    test.concurrent(
      'keeps what people make by direct invoke, and what was deleted is gone.',
      { timeout },
      async () => {
        const { estate } = await PLAYS['two waves side by side']();
        const cloud = await deployCloud({ providers, estate });
        try {
          await keepDocuments(cloud);
          expect(await done(cloud, { operation: 'listProtectionGroups' })).toEqual({ protectionGroups: [] });
          expect(
            await done(cloud, { operation: 'listExecutions', query: { status: 'completed' } }),
          ).toMatchObject({ executions: [] });
          expect(
            await done(cloud, { operation: 'listAudit', query: { executionId: 'exec-none' } }),
          ).toMatchObject({ records: [] });
          keptToRights(cloud);
        } finally {
          await cloud.close();
        }
      },
    );

    test('no function may change, list or start what none of these plays needs, but what is said here.', () => {
      const rights = rightsIn(providers.assembly, { region: 'eu-west-1', account: ACCOUNT, refs: {} });
      const unused = [...rights].flatMap(([name, own]) =>
        own
          .filter((right) => right.effect === 'Allow' && isOfPlatform(right) && !/Get/.test(right.action))
          .map((right) => `${name} ${wordsOf(right)}`)
          .filter((right) => !used.has(right)),
      );
      expect(unused.toSorted()).toEqual(UNPLAYED.toSorted());
    });
  },
);
