import { beforeEach, describe, expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import { Plan } from '#core/plan.ts';
import { splitErrors } from './optional-parts.ts';
import { startTechnology } from './technologies.ts';
import { completed, failed, planOf, workbench, type Bench } from './testing/bench.ts';
import { completeWave, validateWaveCompletion } from './waves.ts';
import { validateWave } from './wave-validation.ts';

let bench: Bench;
beforeEach(() => {
  bench = workbench();
});

const missing = (id: string) => ({
  level: 'error' as const,
  rule: 'ResourceUnresolved',
  path: '',
  message: `there is no cluster ${id} here`,
  remedy: 'Check the id.',
});
const wave = (executionId: string) => ({ executionId, waveNumber: 1 });
const technology = (executionId: string) => ({ ...wave(executionId), technologyIndex: 0 });
const outcomesOf = async (executionId: string) =>
  (await bench.services.executions.outcomes(executionId)).map(({ outcome }) => outcome);
const assess = (plan: object) => bench.control.validatePlan({ plan: Plan.parse(plan), mode: 'recovery' });

describe('at the start', () => {
  test('what is wrong with an optional technology is a warning, and the plan starts', async () => {
    bench.findings.push(missing('reports'));
    const id = await bench.start(planOf([{ criticality: 'optional' }]));
    expect(id).toBe('exec-1');
  });

  test('the warning says that the plan goes on without it', async () => {
    bench.findings.push(missing('reports'));
    const { findings } = await assess(planOf([{ criticality: 'optional' }]));
    expect(findings).toEqual([
      {
        ...missing('reports'),
        level: 'warning',
        path: 'waves[0].technologies[0]',
        message: 'there is no cluster reports here (this technology is optional: the plan runs without it)',
      },
    ]);
  });

  test('what is wrong with an optional resource is a warning; with any other it is an error', async () => {
    bench.findings.push(missing('reports'), missing('ledger'));
    const { findings } = await assess(planOf([{ optionalResources: ['reports'] }]));
    expect(findings.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'error: there is no cluster ledger here',
      'warning: there is no cluster reports here (reports is optional: the plan runs without it)',
    ]);
  });

  test('an optional technology that is wrong in itself is an error all the same', async () => {
    const wrong = planOf([
      { criticality: 'optional', resources: { clusterz: [] } },
      { criticality: 'optional', operation: 'unknown' },
    ]);
    const { findings } = await assess(wrong);
    expect(findings.map(({ level, rule }) => `${level} ${rule}`)).toEqual([
      'error FieldUnknown',
      'error OperationUnknown',
    ]);
  });
});

describe('a finding is about an optional resource', () => {
  test.each([
    { when: 'its value is the id', finding: { ...missing('other'), value: 'a-1' }, about: ['a-1'] },
    { when: 'its message names the id', finding: missing('a-1'), about: ['a-1'] },
    { when: 'the id ends the sentence', finding: { ...missing('x'), message: 'no a-1.' }, about: ['a-1'] },
  ])('when $when', ({ finding, about }) => {
    const { errors, refused } = splitErrors({ criticality: 'critical', optionalResources: ['a-1'] }, [
      finding,
    ]);
    expect({ errors, refused: [...refused.keys()] }).toEqual({ errors: [], refused: about });
  });

  test.each(['a-10', 'x-a-1', 'a-1.db', 'a+1'])('but not when it names %s, of which it is a part', (id) => {
    const { refused } = splitErrors({ criticality: 'critical', optionalResources: ['a-1'] }, [missing(id)]);
    expect([...refused.keys()]).toEqual([]);
  });
});

describe('before a wave', () => {
  test('an optional resource that is missing is recorded as failed; the technology works on the others', async () => {
    const id = await bench.start(planOf([{ optionalResources: ['reports'] }]));
    bench.findings.push(missing('reports'));
    expect(await validateWave(bench.services, wave(id))).toMatchObject({ technologies: [{}] });
    await startTechnology(bench.services, technology(id));
    expect(bench.asked.at(-1)).toBe('start a1 only r-1');
    expect(await outcomesOf(id)).toEqual([
      { resourceId: 'r-1', status: 'completed' },
      {
        resourceId: 'reports',
        status: 'failed',
        criticality: 'optional',
        error: { code: 'ResourceUnresolved', message: 'there is no cluster reports here' },
      },
    ]);
    await validateWaveCompletion(bench.services, wave(id));
    await completeWave(bench.services, wave(id));
    expect(await bench.services.executions.head(id)).toMatchObject({ exceptions: 1 });
  });

  test('a retry does not make good what was never tried, and does not try it', async () => {
    const plan = planOf([{ optionalResources: ['reports'], retry: { maxAttempts: 1, interval: 'PT1S' } }]);
    const id = await bench.start(plan);
    bench.findings.push(missing('reports'));
    await validateWave(bench.services, wave(id));
    bench.answers.push(failed('r-1'), completed('r-1'));
    expect(await startTechnology(bench.services, technology(id))).toMatchObject({ status: 'restart' });
    expect(await startTechnology(bench.services, technology(id))).toMatchObject({ status: 'completed' });
    expect(bench.asked.at(-1)).toBe('start a2 only r-1');
    expect((await outcomesOf(id)).map(({ resourceId, status }) => `${resourceId} ${status}`)).toEqual([
      'r-1 completed',
      'reports failed',
    ]);
  });

  test('a technology that fails without a word about the others is not excused by an optional resource', async () => {
    const id = await bench.start(planOf([{ optionalResources: ['reports'] }]));
    bench.findings.push(missing('reports'));
    await validateWave(bench.services, wave(id));
    bench.answers.push(new BreakwaterError('AwsAccessDenied', 'not allowed'));
    expect(await startTechnology(bench.services, technology(id))).toMatchObject({ status: 'failed' });
  });

  test('for an optional technology out of reach the others wait only a few tries', async () => {
    const id = await bench.start(
      planOf([{ criticality: 'optional', resources: { trouble: 'AwsUnreachable' } }, {}]),
    );
    await bench.services.executions.change(id, (change) =>
      change.putHead({ ...change.head(), status: 'in_progress' }),
    );
    await expect(validateWave(bench.services, { ...wave(id), retryCount: 2 })).rejects.toMatchObject({
      code: 'AwsUnreachable',
    });
    expect(await validateWave(bench.services, { ...wave(id), retryCount: 3 })).toMatchObject({
      technologies: [{ technologyIndex: 1 }],
    });
    expect(await bench.services.executions.technology(id, 1, 0)).toMatchObject({
      status: 'failed',
      error: { code: 'AwsUnreachable' },
    });
  });
});
