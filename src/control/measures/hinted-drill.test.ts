import { expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { hasEnded } from '#core/states.ts';
import { Plan } from '#core/plan.ts';
import { simulatedEstate } from '#hosts/local/estate.ts';
import { openPlatform, type Platform } from '#hosts/local/platform.ts';
import { parseScenario } from '#sim/index.ts';
import { DrsHint, takeHint } from './replication-hint.ts';

const own = { accountId: '111122223333', region: 'eu-central-1' };

/** A drill of three servers on a simulated AWS in virtual time; `meanwhile` is called every ten seconds of it. */
async function drill(meanwhile: (platform: Platform, serverIds: readonly string[]) => Promise<void>) {
  const clock = virtualClock({ startsAt: Date.parse('2026-11-24T10:00:00Z') });
  const scenario = parseScenario({
    name: 'hints',
    startsAt: '2026-11-24T10:00:00Z',
    accounts: [
      {
        accountId: own.accountId,
        regions: { [own.region]: { drs: { generate: { count: 3, tags: { Tier: 'web' } } } } },
      },
    ],
  });
  const estate = simulatedEstate({ scenario, clock, path: null });
  const platform = await openPlatform({
    recordsPath: ':memory:',
    enginePath: ':memory:',
    clock,
    estate,
    seed: 1,
  });
  const { control, deps } = platform;
  const waves = [
    {
      waveNumber: 1,
      name: 'Servers',
      technologies: [{ type: 'drs', operation: 'recovery', resources: { tags: { Tier: 'web' } } }],
    },
  ];
  const { executionId } = await control.startExecution({
    plan: Plan.parse({ name: 'Web', waves }),
    mode: 'drill',
    initiatedBy: 'ana',
  });
  const [technology] = await deps.services.executions.technologies(executionId);
  while (!hasEnded((await control.getExecution({ executionId })).status)) {
    await clock.sleep(10_000);
    await meanwhile(platform, technology!.resources);
  }
  const view = await control.getExecution({ executionId });
  const events = await control.listEvents({ executionId });
  await platform.close();
  return { view, events };
}

const launchHint = (serverId: string): DrsHint =>
  DrsHint.parse({
    source: 'aws.drs',
    'detail-type': 'DRS Source Server Launch Result',
    account: own.accountId,
    region: own.region,
    resources: [`arn:aws:drs:${own.region}:${own.accountId}:source-server/${serverId}`],
  });

test('with hints by the dozen a drill ends as it does without any, and at the same moment; each launch is an event before the last is done', async () => {
  const plain = await drill(async () => {});
  const hinted = await drill(async ({ deps }, serverIds) => {
    for (const id of [...serverIds, ...serverIds]) await takeHint(deps, launchHint(id), own);
  });
  const { waves, status, outcome, completedAt } = hinted.view;
  expect({ waves, status, outcome, completedAt }).toEqual({
    waves: plain.view.waves,
    status: 'completed',
    outcome: 'clean',
    completedAt: plain.view.completedAt,
  });
  const reported = hinted.events.filter(({ code }) => code === 'ServerLaunchReported');
  expect(new Set(reported.map(({ data }) => data['resourceId'])).size).toBe(3);
  expect(reported).toHaveLength(3);
  const done = hinted.events.find(({ code }) => code === 'TechnologyCompleted')!;
  for (const { at } of reported) expect(Date.parse(at)).toBeLessThan(Date.parse(done.at));
});
