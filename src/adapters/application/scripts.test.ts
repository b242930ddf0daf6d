import { describe, expect, test } from 'vitest';
import { Script } from '#core/plan.ts';
import type { RecoveredServer } from '#core/outcome.ts';
import type { JsonObject } from '#core/json.ts';
import { invocations } from '#sim/services/lambda/rows.ts';
import { commands as commandRows, executions } from '#sim/services/ssm/rows.ts';
import { ACCOUNT } from '../testing/operation-case.ts';
import { runOperation, setStage, type Run } from '../testing/run-operation.ts';
import { testOperation } from '../testing/test-operation.ts';
import { assessUse, rulesOf, useOf, type Use } from '../testing/try-operation.ts';
import { cases } from './scripts.cases.ts';
import { scripts } from './scripts.ts';

testOperation(cases);

const tags = { Tier: 'app' };
const [a, b] = [
  { id: 'i-0a', tags },
  { id: 'i-0b', tags },
];
const at = ({ simulation }: Pick<Run, 'simulation'>, region = 'us-west-2') => ({
  world: simulation.world,
  accountId: ACCOUNT,
  region,
  now: simulation.world.now,
  principal: 'test',
});
const shell = (more: object = {}) =>
  Script.parse({ type: 'commands', commands: ['systemctl start app'], targets: { tags }, ...more });
const use = (estate: object, library: Record<string, Script>, more: Partial<Use> = {}): Use => ({
  operation: scripts,
  estate: { regions: { 'us-west-2': estate } },
  resources: { scripts: Object.keys(library) },
  ...more,
  context: { scripts: library, ...more.context },
});
const outcomesOf = ({ outcomes }: Run): string[] =>
  outcomes.map(({ resourceId, status }) => `${resourceId} ${status}`);

describe('a script on instances', () => {
  test('has an outcome of each, with exit code and output', async () => {
    const ssm = {
      scripts: [
        { match: 'systemctl', instances: ['i-0b'], exitCode: 3, stdout: 'starting', stderr: 'no such unit' },
      ],
    };
    const run = await runOperation(useOf(use({ ec2: { instances: [a, b] }, ssm }, { start: shell() })));
    expect(run.status).toBe('failed');
    expect(run.outcomes).toMatchObject([
      {
        resourceId: 'start@i-0a',
        status: 'completed',
        result: { exitCode: 0, stdout: 'ok', stderr: '', truncated: false },
      },
      {
        resourceId: 'start@i-0b',
        status: 'failed',
        error: { code: 'ssm:Failed', message: 'start ended on i-0b with Failed, exit code 3: no such unit' },
        result: { exitCode: 3, stdout: 'starting', stderr: 'no such unit' },
      },
    ]);
    expect(run.results).toMatchObject({
      scripts: [{ name: 'start', status: 'failed', succeeded: 1, failed: 1 }],
    });
  });

  test('keeps the first 2,000 characters of what it says', async () => {
    const ssm = { scripts: [{ match: 'systemctl', stdout: 'x'.repeat(5_000) }] };
    const run = await runOperation(useOf(use({ ec2: { instances: [a] }, ssm }, { start: shell() })));
    const { stdout, truncated } = run.outcomes[0]!.result!;
    expect([(stdout as string).length, truncated]).toEqual([2_000, true]);
  });

  test('runs by the document of its platform, with its timeout, and is named in the comment', async () => {
    const script = shell({ timeout: 'PT10M', targets: { instanceIds: ['i-0a'] } });
    const run = await runOperation(useOf(use({ ec2: { instances: [a] } }, { start: script })));
    expect(commandRows(at(run)).all()).toMatchObject([
      {
        documentName: 'AWS-RunShellScript',
        comment: 'breakwater exec-1 w1 t0 a1 s0 c1 start',
        instanceIds: ['i-0a'],
        parameters: { commands: ['systemctl start app'], executionTimeout: ['600'] },
      },
    ]);
  });

  test('of which none is there fails', async () => {
    const run = await runOperation(
      useOf(use({ ec2: { instances: [{ ...a, state: 'stopped' }] } }, { start: shell() })),
    );
    expect(run).toMatchObject({
      status: 'failed',
      outcomes: [{ resourceId: 'start', error: { code: 'ResourceUnresolved' } }],
    });
  });

  test('starts at once where it can, and gives up on those that stay offline', async () => {
    const estate = { ec2: { instances: [a, { ...b, ssmAgent: 'offline' }] } };
    const given = use(estate, { start: shell() }, { parameters: { registrationTimeout: 'PT5M' } });
    const run = await runOperation(useOf(given));
    expect(outcomesOf(run)).toEqual(['start@i-0a completed', 'start@i-0b failed']);
    expect(run.outcomes[1]!.error).toEqual({
      code: 'InstanceNotManaged',
      message: 'not online in Systems Manager after PT5M',
    });
    expect(executions(at(run)).all()[0]!.startsAt).toBeLessThan(Date.parse('2026-03-01T10:01:10Z'));
  });

  test('that does not end in its time is cancelled', async () => {
    const estate = {
      ec2: { instances: [a] },
      ssm: { documents: [{ name: 'Slow' }], scripts: [{ match: 'Slow', durationSeconds: 3_000 }] },
    };
    const slow = Script.parse({ type: 'document', document: 'Slow', timeout: 'PT10M', targets: { tags } });
    const run = await runOperation(useOf(use(estate, { slow })));
    expect(run.outcomes).toMatchObject([{ status: 'failed', error: { code: 'ScriptTimeout' } }]);
    expect(commandRows(at(run)).all()[0]!.cancelled).toBe(true);
  });

  test('runs in each Region in which this execution has recovered servers', async () => {
    const recovered = (id: string, region: string): RecoveredServer => ({
      sourceServerId: `s-${id}`,
      sourceInstanceId: 'i-0source',
      recoveryInstanceId: id,
      ec2InstanceId: id,
      privateIp: null,
      status: 'running',
      accountId: ACCOUNT,
      region,
      isDrill: true,
      pointInTime: null,
    });
    const given: Use = {
      operation: scripts,
      estate: {
        regions: { 'us-west-2': { ec2: { instances: [a] } }, 'eu-west-1': { ec2: { instances: [b] } } },
      },
      resources: { scripts: ['start'] },
      context: {
        scripts: { start: shell({ targets: { recovered: true } }) },
        recoveredServers: [recovered('i-0a', 'us-west-2'), recovered('i-0b', 'eu-west-1')],
      },
    };
    const run = await runOperation(useOf(given));
    expect(outcomesOf(run)).toEqual(['start@i-0a completed', 'start@i-0b completed']);
    expect(executions(at(run, 'eu-west-1')).size).toBe(1);
  });

  test('is cancelled on request', async () => {
    const estate = {
      ec2: { instances: [a] },
      ssm: { scripts: [{ match: 'systemctl', durationSeconds: 600 }] },
    };
    const given = useOf(use(estate, { start: shell() }));
    const stage = setStage(given);
    const progress = await scripts.start(stage.context(), stage.input as never);
    if (progress.status !== 'in_progress') throw new Error('expected it to be under way');
    await scripts.cancel!(stage.context(), stage.input as never, progress.state);
    expect(commandRows(at(stage)).all()).toMatchObject([{ cancelled: true }]);
  });
});

describe('several scripts', () => {
  const failing = { ec2: { instances: [a] }, ssm: { scripts: [{ match: 'bad', exitCode: 1 }] } };
  const bad = shell({ commands: ['bad'] });

  test('run in order, and none after one that failed', async () => {
    const run = await runOperation(useOf(use(failing, { first: bad, second: shell() })));
    expect(run.outcomes).toMatchObject([
      { resourceId: 'first@i-0a', status: 'failed' },
      {
        resourceId: 'second',
        status: 'failed',
        error: { code: 'NotRun', message: 'not run, since first failed before it' },
      },
    ]);
  });

  test('run side by side if the plan says so', async () => {
    const given = use(failing, { first: bad, second: shell() }, { parameters: { parallel: true } });
    expect(outcomesOf(await runOperation(useOf(given)))).toEqual([
      'first@i-0a failed',
      'second@i-0a completed',
    ]);
  });

  test('run on a retry only where they failed, or were not run', async () => {
    const given = use(
      { ec2: { instances: [a, b] } },
      { first: shell(), second: shell(), third: shell() },
      { context: { only: ['second@i-0b', 'third'] } },
    );
    expect(outcomesOf(await runOperation(useOf(given)))).toEqual([
      'second@i-0b completed',
      'third@i-0a completed',
      'third@i-0b completed',
    ]);
  });
});

describe('a function', () => {
  const warm = Script.parse({ type: 'lambda', functionName: 'warm', payload: { level: 3 } });
  const withFunction = (more: object, parameters: object = {}): Use =>
    use({ lambda: { functions: [{ name: 'warm', ...more }] } }, { warm }, { parameters });
  const lost = { faults: [{ fault: 'responseLost', operation: 'Invoke', times: 1 }] };
  const payloadsOf = (run: Run): JsonObject[] =>
    invocations(at(run))
      .all()
      .map(({ payload }) => JSON.parse(payload) as JsonObject);

  test('gets the payload and who calls, and its answer is kept', async () => {
    const run = await runOperation(useOf(withFunction({ response: { warmed: 12 } })));
    expect(run.outcomes).toMatchObject([
      { resourceId: 'warm', status: 'completed', result: { output: '{"warmed":12}' } },
    ]);
    expect(payloadsOf(run)).toEqual([
      {
        level: 3,
        breakwater: {
          executionId: 'exec-1',
          mode: 'recovery',
          waveNumber: 1,
          technologyIndex: 0,
          attempt: 1,
          script: 'warm',
          idempotencyId: 'exec-1/w1/t0/a1/s0',
        },
      },
    ]);
  });

  test('that throws has failed, with what it said', async () => {
    const run = await runOperation(useOf(withFunction({ error: 'cache is gone' })));
    expect(run).toMatchObject({ status: 'failed', outcomes: [{ error: { code: 'lambda:FunctionError' } }] });
    expect(run.outcomes[0]!.error!.message).toContain('cache is gone');
  });

  test('whose answer was lost is not invoked again: nobody knows whether it ran', async () => {
    const run = await runOperation(useOf(withFunction({})), lost);
    expect(run.outcomes).toMatchObject([{ status: 'failed', error: { code: 'OutcomeUnknown' } }]);
    expect(invocations(at(run)).size).toBe(1);
  });

  test('that may run again is invoked again, with the same id', async () => {
    const run = await runOperation(useOf(withFunction({}, { rerunnable: true })), lost);
    expect(run.status).toBe('completed');
    expect(payloadsOf(run).map(({ breakwater }) => (breakwater as JsonObject)['idempotencyId'])).toEqual([
      'exec-1/w1/t0/a1/s0',
      'exec-1/w1/t0/a1/s0',
    ]);
  });

  test('whose answer is lost each time is not invoked for ever', async () => {
    const always = { faults: [{ fault: 'responseLost', operation: 'Invoke' }] };
    const run = await runOperation(useOf(withFunction({}, { rerunnable: true })), always);
    expect(run.outcomes).toMatchObject([{ error: { code: 'OutcomeUnknown' } }]);
    expect(invocations(at(run)).size).toBe(3);
  });
});

describe('the assessment', () => {
  test('names each script on each instance, with its lock, and the calls', async () => {
    const assessment = await assessUse(use({ ec2: { instances: [a, b] } }, { start: shell() }));
    expect(assessment).toMatchObject({
      findings: [],
      resources: [
        { resourceId: 'start@i-0a', lock: 'ssm:own:us-west-2:instance/i-0a' },
        { resourceId: 'start@i-0b', lock: 'ssm:own:us-west-2:instance/i-0b' },
      ],
      calls: [
        { iamAction: 'ssm:SendCommand', region: 'us-west-2', count: 1, summary: 'run start on 2 instances' },
      ],
      estimatedMs: 60_000,
    });
  });

  const recovered = shell({ targets: { recovered: true } });
  const unknownDocument = Script.parse({ type: 'document', document: 'Nope', targets: { tags } });
  const unknownFunction = Script.parse({ type: 'lambda', functionName: 'nope' });
  test.each<{ name: string; given: Use; rules: string[] }>([
    {
      name: 'a script that is nowhere',
      given: use({}, {}, { resources: { scripts: ['start-services.sh'] } }),
      rules: ['error ResourceUnresolved resources.scripts[0]'],
    },
    {
      name: 'a document of the wave without an instance of the wave',
      given: use({ ssm: { documents: [{ name: 'go' }] } }, {}, { resources: { scripts: ['go'] } }),
      rules: ['error ResourceUnresolved resources.scripts[0]'],
    },
    {
      name: 'tags that match nothing',
      given: use({}, { start: shell() }),
      rules: ['error ResourceUnresolved resources.scripts[0]'],
    },
    {
      name: 'a document that does not exist',
      given: use({ ec2: { instances: [a] } }, { go: unknownDocument }),
      rules: ['error ResourceUnresolved resources.scripts[0]'],
    },
    {
      name: 'a function that does not exist',
      given: use({}, { go: unknownFunction }),
      rules: ['error ResourceUnresolved resources.scripts[0]'],
    },
    {
      name: 'while planning, servers that are not recovered yet',
      given: use({}, { start: recovered }, { context: { planning: true } }),
      rules: ['info TargetsLater resources.scripts[0]'],
    },
    {
      name: 'in its wave, servers that were not recovered',
      given: use({}, { start: recovered }),
      rules: ['error ResourceUnresolved resources.scripts[0]'],
    },
  ])('finds $name', async ({ given, rules }) => {
    expect(rulesOf(await assessUse(given))).toEqual(rules);
  });

  test('names the script that is missing', async () => {
    const { findings } = await assessUse(use({}, {}, { resources: { scripts: ['start-services.sh'] } }));
    expect(findings[0]!.message).toBe(
      "there is no script start-services.sh: neither in the plan's scripts, nor an SSM document of that name",
    );
  });
});

test('a script that is named twice is refused', () => {
  expect(scripts.resources.safeParse({ scripts: ['x', 'x'] }).success).toBe(false);
});
