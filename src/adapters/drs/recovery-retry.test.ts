import { describe, expect, test } from 'vitest';
import { recovery } from './recovery.ts';
import {
  contextIn,
  EXACT,
  jobsStarted,
  openWorld,
  runToEnd,
  SELECT_APP,
  servers,
  statuses,
  REGION,
} from './testing.ts';

describe('a recovery that is tried again', () => {
  test('adopts its own job of the attempt before, if that still runs', async () => {
    const world = openWorld({ ...EXACT, generate: servers(2) });
    const input = { resources: SELECT_APP.resources, parameters: recovery.parameters.parse({}) };
    const first = await recovery.start(contextIn(world), input);
    const only = first.outcomes.map(({ resourceId }) => resourceId);
    await world.clock.sleep(60_000);
    const { end, outcomes } = await runToEnd(world, recovery, SELECT_APP, { attempt: 2, only });
    expect({ status: end.status, ...statuses(outcomes), jobs: jobsStarted(world) }).toEqual({
      status: 'completed',
      completed: 2,
      jobs: 1,
    });
  });

  test('takes over what a job of the attempt before has launched meanwhile, and launches the rest', async () => {
    const world = openWorld({
      ...EXACT,
      generate: [
        { count: 2, hostnamePrefix: 'good-', tags: { Tier: 'app' } },
        { count: 1, hostnamePrefix: 'bad-', tags: { Tier: 'app' }, launch: 'fail-launch', times: 1 },
      ],
    });
    const given = { resources: { tags: { Tier: 'app' } } };
    const input = {
      resources: recovery.resources.parse(given.resources),
      parameters: recovery.parameters.parse({}),
    };
    const first = await recovery.start(contextIn(world), input);
    const only = first.outcomes.map(({ resourceId }) => resourceId);
    await world.clock.sleep(3_600_000);
    const { end, outcomes } = await runToEnd(world, recovery, given, { attempt: 2, only });
    expect({ status: end.status, ...statuses(outcomes), jobs: jobsStarted(world) }).toEqual({
      status: 'completed',
      completed: 3,
      jobs: 2,
    });
    // The second job launches the failed server alone: to launch the others again would replace what runs.
    const { drs } = world.aws.for({ region: REGION });
    const jobs = await drs.describeJobs({ filters: {} });
    expect(
      jobs.map(({ participatingServers = [] }) => participatingServers.length).sort((a, b) => a - b),
    ).toEqual([1, 3]);
  });

  test('launches anew what the attempt before has failed to launch', async () => {
    const world = openWorld({ ...EXACT, generate: servers(2, { launch: 'fail-launch', times: 1 }) });
    const first = await runToEnd(world, recovery, SELECT_APP);
    expect(statuses(first.outcomes)).toEqual({ failed: 2 });
    const second = await runToEnd(world, recovery, SELECT_APP, {
      attempt: 2,
      only: [...first.outcomes.keys()],
    });
    expect({ ...statuses(second.outcomes), jobs: jobsStarted(world) }).toEqual({ completed: 2, jobs: 2 });
  });
});
