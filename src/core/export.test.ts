import { describe, expect, test } from 'vitest';
import { exportOf, waitedForPeopleMs } from './export.ts';
import type { ExecutionView, GateView, Span, TechnologyView } from './view.ts';

const DRS: TechnologyView = {
  type: 'drs',
  operation: 'recovery',
  status: 'completed',
  criticality: 'critical',
  attempt: 1,
  subExecutionId: 'drs-exec-67890',
  resources: ['s-1'],
  names: {},
  outcomes: [
    {
      resourceId: 's-1',
      status: 'completed',
      result: {
        sourceInstanceId: 'i-source01',
        recoveryInstanceId: 'i-recovery01',
        ec2InstanceId: 'i-recovery01',
        privateIp: '10.0.1.100',
        status: 'running',
      },
    },
    { resourceId: 's-2', status: 'failed' },
    { resourceId: 's-3', status: 'completed', result: {} },
  ],
  executionTime: 'PT15M30S',
  expectedDuration: 'PT9M',
  results: { jobs: ['drsjob-1'] },
};

const FAILED: TechnologyView = {
  type: 'application',
  operation: 'scripts',
  status: 'failed',
  criticality: 'critical',
  attempt: 1,
  resources: [],
  names: {},
  outcomes: [],
  expectedDuration: 'PT1M',
  error: { code: 'RecoveryFailed', message: 'exit 1' },
};

function viewOf(changes: Partial<ExecutionView> = {}, technologies: TechnologyView[] = [DRS]): ExecutionView {
  return {
    executionId: 'exec-1',
    planId: 'plan-1',
    planName: 'Plan',
    planHash: 'abc',
    mode: 'drill',
    simulated: false,
    status: 'completed',
    currentWave: 2,
    startedAt: '2026-01-07T10:00:00.000Z',
    completedAt: '2026-01-07T10:30:00.000Z',
    pauseRequested: false,
    cancelRequested: false,
    objectives: { rto: 'PT1H' },
    expectedDuration: 'PT20M',
    waves: [
      {
        waveNumber: 2,
        name: 'App',
        status: 'completed',
        dependencies: [1],
        pauseAfterWave: false,
        expectedDuration: 'PT9M',
        technologies,
      },
    ],
    gates: [],
    pauses: [],
    enterpriseContext: { initiatedBy: 'me', tags: {} },
    ...changes,
  };
}

function spanOf(from: string, to?: string): Span {
  const at = (time: string): string => `2026-01-07T${time}:00Z`;
  return { from: at(from), ...(to === undefined ? {} : { to: at(to) }) };
}

function gateOf(openedAt: string, closedAt?: string, kind: GateView['kind'] = 'pause'): GateView {
  return {
    gateId: openedAt,
    waveNumber: 2,
    kind,
    status: closedAt === undefined ? 'open' : 'closed',
    openedAt: `2026-01-07T${openedAt}:00Z`,
    ...(closedAt === undefined ? {} : { closedAt: `2026-01-07T${closedAt}:00Z` }),
    reason: '',
    actions: [],
  };
}

describe('exportOf', () => {
  test('an existing solution that did the work has an id and a time of its own', () => {
    const own = { drsExecutionId: 'there-1', executionTime: 'PT9M', drsExportData: { execution: {} } };
    const [wave] = viewOf().waves;
    const technologies = [{ ...wave!.technologies[0]!, results: own }];
    const view = { ...viewOf(), waves: [{ ...wave!, technologies }] };
    expect(exportOf(view).technologies[0]?.results).toMatchObject(own);
  });

  test('a recovered wave is exported in the shape of the specification', () => {
    expect(exportOf(viewOf()).technologies[0]).toEqual({
      executionId: 'exec-1',
      waveNumber: 2,
      technology: 'drs',
      operation: 'recovery',
      status: 'completed',
      results: {
        jobs: ['drsjob-1'],
        drsExecutionId: 'drs-exec-67890',
        recoveredInstances: [
          {
            sourceServerId: 's-1',
            sourceInstanceId: 'i-source01',
            recoveryInstanceId: 'i-recovery01',
            ec2InstanceId: 'i-recovery01',
            privateIp: '10.0.1.100',
            status: 'running',
            pointInTime: null,
          },
          {
            sourceServerId: 's-3',
            sourceInstanceId: null,
            recoveryInstanceId: null,
            ec2InstanceId: null,
            privateIp: null,
            status: null,
            pointInTime: null,
          },
        ],
        drsExportData: { jobs: ['drsjob-1'] },
        resources: DRS.outcomes,
        executionTime: 'PT15M30S',
        nextPhaseReady: true,
      },
    });
  });

  test('a failed technology says so, has its error, and does not let the next phase go on', () => {
    const { results } = exportOf(viewOf({}, [FAILED])).technologies[0]!;
    expect(results).toEqual({
      resources: [],
      nextPhaseReady: false,
      error: { code: 'RecoveryFailed', message: 'exit 1' },
    });
  });

  test('the export of an existing DRS solution is kept as it came, and a skipped technology is no obstacle', () => {
    const { subExecutionId: _, results: __, ...bare } = DRS;
    const remote = exportOf(
      viewOf({}, [{ ...bare, status: 'skipped', results: { drsExportData: 'as it came' } }]),
    ).technologies[0]!;
    expect(remote.results).toMatchObject({ drsExportData: 'as it came', nextPhaseReady: true });
    const empty = exportOf(viewOf({}, [bare])).technologies[0]!;
    expect(empty.results).toMatchObject({ drsExportData: {} });
  });
});

describe('RTO', () => {
  test('the whole time counts, people included, and is held against the objective', () => {
    const pauses = [spanOf('10:05', '10:10'), spanOf('10:20', '10:23')];
    expect(exportOf(viewOf({ pauses })).rto).toEqual({
      objective: 'PT1H',
      actual: 'PT30M',
      waitedForPeople: 'PT8M',
      met: true,
    });
  });

  test('an objective that was exceeded was not met', () => {
    expect(exportOf(viewOf({ objectives: { rto: 'PT29M59S' } })).rto.met).toBe(false);
  });

  test('a recovery that failed has not met its objective, however fast it failed', () => {
    expect(exportOf(viewOf({ status: 'failed' })).rto).toEqual({
      objective: 'PT1H',
      actual: 'PT30M',
      waitedForPeople: 'PT0S',
      met: false,
    });
  });

  test('nothing is claimed while it runs, or without an objective', () => {
    const { completedAt: _, ...running } = viewOf({ status: 'in_progress', pauses: [spanOf('10:05')] });
    expect(exportOf(running).rto).toEqual({ objective: 'PT1H', waitedForPeople: 'PT0S' });
    expect(exportOf(viewOf({ objectives: {}, pauses: [spanOf('10:25')] })).rto).toEqual({
      actual: 'PT30M',
      waitedForPeople: 'PT5M',
    });
  });
});

test('gates that were open at once count once, and those that wait for other waves do not count', () => {
  const gates = [
    gateOf('10:05', '10:10'),
    gateOf('10:08', '10:12'),
    gateOf('10:20', '10:21', 'decision'),
    gateOf('10:01', '10:29', 'dependencies'),
    gateOf('10:28'),
  ];
  expect(waitedForPeopleMs({ gates, completedAt: '2026-01-07T10:30:00Z' })).toBe(10 * 60_000);
  expect(waitedForPeopleMs({ gates: [gateOf('10:05')] })).toBe(0);
});

describe('RPO', () => {
  const recoveredFrom = (...points: (string | null)[]): TechnologyView => ({
    ...DRS,
    outcomes: points.map((pointInTime, i) => ({
      resourceId: `s-${i}`,
      status: 'completed',
      result: { pointInTime },
    })),
  });

  test('is what the server furthest behind had lost when the execution began', () => {
    const technologies = [recoveredFrom('2026-01-07T09:58:00Z', '2026-01-07T09:48:30Z', null)];
    expect(exportOf(viewOf({ objectives: { rpo: 'PT15M' } }, technologies)).rpo).toEqual({
      objective: 'PT15M',
      actual: 'PT11M30S',
      met: true,
    });
    expect(exportOf(viewOf({ objectives: { rpo: 'PT10M' } }, technologies)).rpo.met).toBe(false);
    expect(exportOf(viewOf({ objectives: {} }, technologies)).rpo).toEqual({ actual: 'PT11M30S' });
  });

  test('is not called met when a database may have lost more, or when the execution did not complete', () => {
    const servers = recoveredFrom('2026-01-07T09:58:00Z');
    const database: TechnologyView = { ...FAILED, type: 'database', status: 'completed' };
    const objectives = { rpo: 'PT15M' };
    expect(exportOf(viewOf({ objectives }, [servers, database])).rpo).toEqual({
      objective: 'PT15M',
      actual: 'PT2M',
    });
    expect(exportOf(viewOf({ objectives, status: 'failed' }, [servers])).rpo).toEqual({
      objective: 'PT15M',
      actual: 'PT2M',
    });
    expect(exportOf(viewOf({ objectives: { rpo: 'PT1M' } }, [servers, database])).rpo.met).toBe(false);
  });

  test('is nothing when servers were launched from a state after the start, and unknown when none says', () => {
    expect(exportOf(viewOf({}, [recoveredFrom('2026-01-07T10:01:00Z')])).rpo.actual).toBe('PT0S');
    expect(exportOf(viewOf({ objectives: { rpo: 'PT10M' } }, [recoveredFrom(null)])).rpo).toEqual({
      objective: 'PT10M',
    });
    expect(exportOf(viewOf({ objectives: {} }, [FAILED])).rpo).toEqual({});
  });
});
