import { describe, expect, test } from 'vitest';
import { unreachable } from '../testing/fake-solution.ts';
import { GIVEN, stage } from '../testing/remote-stage.ts';
import { recovery } from './recovery.ts';

describe('the assessment', () => {
  test('only looks, and describes the one call that starts it', async () => {
    const { solution, assess } = stage();
    solution.plan = { mayStart: true, lastTookMs: 720_000 };
    expect(await assess({ planning: true })).toEqual({
      findings: [],
      resources: [
        {
          resourceId: 'plan-1',
          description: 'recovery plan plan-1 at core-dr',
          lock: 'solution/core-dr/plan-1',
        },
      ],
      calls: [
        {
          count: 1,
          summary: 'POST /executions at core-dr: start recovery plan plan-1, then look until it has ended',
        },
      ],
      quotas: [],
      estimatedMs: 720_000,
      estimateBasis: 'the last completed execution of the plan at core-dr',
    });
    expect(solution.calls).toEqual(['findPlan']);
  });

  test('calls a guess a guess', async () => {
    const { estimateBasis } = await stage().assess();
    expect(estimateBasis).toBe('a guess: core-dr does not say how long the plan takes');
  });

  test.each([
    {
      name: 'a plan that is not there',
      plan: null,
      rule: 'ResourceUnresolved',
      path: 'resources.recoveryPlanId',
    },
    {
      name: 'a mode that this server may not start there',
      plan: { mayStart: false, lastTookMs: null },
      rule: 'SolutionDenied',
      path: 'parameters.solution',
    },
  ])('finds $name', async ({ plan, rule, path }) => {
    const { solution, assess } = stage();
    solution.plan = plan;
    expect((await assess()).findings).toEqual([expect.objectContaining({ level: 'error', rule, path })]);
  });

  test('finds a solution that the settings do not have', async () => {
    const { findings } = await stage().assess({ solution: async () => null });
    expect(findings).toEqual([
      expect.objectContaining({ level: 'error', rule: 'SolutionUnknown', path: 'parameters.solution' }),
    ]);
  });

  test('throws what the solution throws, as for a Region that is down', async () => {
    const { solution, assess } = stage();
    solution.mishaps.findPlan = [unreachable(false)];
    await expect(assess()).rejects.toMatchObject({ code: 'SolutionUnreachable' });
  });

  test('refuses what only goes with calls to DRS, and says what to do', async () => {
    const { findings } = await stage().assess(
      {},
      { ...GIVEN, resources: { recoveryPlanId: 'plan-1', protectionGroups: ['pg'] } },
    );
    expect(findings).toEqual([
      {
        level: 'error',
        rule: 'FieldUnknown',
        path: 'resources.protectionGroups',
        value: ['pg'],
        message:
          'protectionGroups does not go with integration: api, where the recovery plan there names its servers',
        remedy:
          'Remove it, or leave out integration and solution, so that Breakwater launches the servers itself.',
      },
    ]);
    expect(recovery.parameters.safeParse({ ...GIVEN.parameters, launchConfiguration: {} }).success).toBe(
      false,
    );
  });

  test('refuses a label alone where Breakwater itself is to launch servers, as before', async () => {
    const { findings } = await stage().assess({}, { resources: { recoveryPlanId: 'plan-1' } });
    expect(findings).toEqual([
      expect.objectContaining({
        level: 'error',
        rule: 'ValueInvalid',
        path: 'resources',
        message: 'expected protectionGroups, sourceServerIds or tags: something that selects servers',
      }),
    ]);
  });
});
