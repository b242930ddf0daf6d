import { describe, expect, test } from 'vitest';
import { hasCode } from '#core/errors.ts';
import { loadMachine } from './load.ts';

const END = { Type: 'Pass', End: true };
const invoke = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'f' },
  End: true,
};

function machine(states: object, more: object = {}): object {
  return { QueryLanguage: 'JSONata', StartAt: 'A', States: states, ...more };
}

function findingsOf(definition: unknown, substitutions: Record<string, string> = {}): unknown {
  try {
    loadMachine({ name: 'test', definition, substitutions });
    return [];
  } catch (error) {
    if (!hasCode(error, 'MachineInvalid')) throw error;
    return error.details['findings'];
  }
}

describe('a definition that is understood in full', () => {
  test('loads with its states, those inside Map and Parallel too.', () => {
    const inner = { StartAt: 'B', States: { B: END } };
    const definition = machine({
      A: { Type: 'Map', ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...inner }, Next: 'P' },
      P: { Type: 'Parallel', Branches: [{ StartAt: 'C', States: { C: END } }], End: true },
    });
    const loaded = loadMachine({ name: 'test', definition });
    expect([...loaded.states.keys()].sort()).toEqual(['A', 'B', 'C', 'P']);
    expect(loaded.root.startAt).toBe('A');
  });

  test('has ${Name} replaced everywhere in its texts.', () => {
    const definition = machine({
      A: { ...invoke, Arguments: { FunctionName: '${Prefix}-${Name}', Payload: '{% "${Name}" %}' } },
    });
    const loaded = loadMachine({ name: 'test', definition, substitutions: { Prefix: 'p', Name: 'n' } });
    const state = loaded.states.get('A')!;
    expect(state.type === 'Task' && state.target.constant).toBe('p-n');
  });
});

describe('a definition that is not understood is refused, with state and field', () => {
  test.each([
    { what: 'no definition at all', definition: null, finding: /definition: / },
    {
      what: 'the JSONPath dialect',
      definition: { StartAt: 'A', States: { A: END } },
      finding: /^QueryLanguage: /,
    },
    {
      what: 'a state that cannot be started at',
      definition: machine({ B: END }),
      finding: /^StartAt: leads to 'A', which is not a state here$/,
    },
    { what: 'no states', definition: machine({}), finding: /^States: is empty$/ },
    { what: 'an unknown type', definition: machine({ A: { Type: 'Loop' } }), finding: /^state 'A', Type: / },
    {
      what: 'a JSONPath field',
      definition: machine({ A: { ...END, ResultPath: '$.x' } }),
      finding: /^state 'A', ResultPath: is not supported here$/,
    },
    {
      what: 'an unknown resource',
      definition: machine({ A: { ...invoke, Resource: 'arn:aws:states:::dynamodb:getItem' } }),
      finding: /^state 'A', Resource: /,
    },
    {
      what: 'a distributed Map',
      definition: machine({
        A: {
          Type: 'Map',
          End: true,
          ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'B', States: { B: END } },
        },
      }),
      finding: /^state 'A', ItemProcessor.ProcessorConfig.Mode: /,
    },
    {
      what: 'a wrong value deep inside',
      definition: machine({ A: { ...invoke, Retry: [{ ErrorEquals: ['X'], BackoffRate: 0.5 }] } }),
      finding: /^state 'A', Retry\[0\]\.BackoffRate: /,
    },
    {
      what: 'a wrong value inside a Map',
      definition: machine({
        A: {
          Type: 'Map',
          End: true,
          ItemProcessor: { StartAt: 'B', States: { B: { Type: 'Wait', Seconds: -1, End: true } } },
        },
      }),
      finding: /^state 'B', Seconds: /,
    },
    {
      what: 'a target that is missing',
      definition: machine({ A: { Type: 'Pass', Next: 'X' } }),
      finding: /^state 'A', Next: leads to 'X', which is not a state at this level$/,
    },
    {
      what: 'a Catch target that is missing',
      definition: machine({ A: { ...invoke, Catch: [{ ErrorEquals: ['X'], Next: 'Y' }] } }),
      finding: /^state 'A', Catch\[0\]\.Next: leads to 'Y'/,
    },
    {
      what: 'a target on another level',
      definition: machine({
        A: {
          Type: 'Parallel',
          End: true,
          Branches: [{ StartAt: 'B', States: { B: { Type: 'Pass', Next: 'A' } } }],
        },
      }),
      finding: /^state 'B', Next: leads to 'A', which is not a state at this level$/,
    },
    {
      what: 'neither Next nor End',
      definition: machine({ A: { Type: 'Pass' } }),
      finding: /^state 'A', Next: is missing; give Next or End$/,
    },
    {
      what: 'both Next and End',
      definition: machine({ A: { Type: 'Pass', Next: 'B', End: true }, B: END }),
      finding: /^state 'A', End: cannot stand beside Next$/,
    },
    {
      what: 'a state that is never reached',
      definition: machine({ A: END, B: END }),
      finding: /^state 'B', name: is never reached from StartAt$/,
    },
    {
      what: 'one name twice',
      definition: machine({
        A: {
          Type: 'Parallel',
          End: true,
          Branches: [
            { StartAt: 'B', States: { B: END } },
            { StartAt: 'B', States: { B: END } },
          ],
        },
      }),
      finding: /^state 'B', name: is used by two states/,
    },
    {
      what: 'Seconds beside Timestamp',
      definition: machine({ A: { Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z', End: true } }),
      finding: /^state 'A', Seconds: or Timestamp/,
    },
    {
      what: 'States.ALL that is not the last',
      definition: machine({
        A: { ...invoke, Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['X'] }] },
      }),
      finding: /^state 'A', Retry\[0\]\.ErrorEquals: holds States.ALL/,
    },
    {
      what: 'an expression with a syntax error',
      definition: machine({ A: { ...END, Output: { deep: ['{% 1 + %}'] } } }),
      finding: /^state 'A', Output\.deep\[0\]: JSONata: .* \(at character \d+\)$/,
    },
    {
      what: 'a function that a journal cannot repeat',
      definition: machine({ A: { ...END, Output: '{% $random() %}' } }),
      finding: /^state 'A', Output: JSONata: \$random is not supported \(at character 1\)$/,
    },
    {
      what: 'an inner scope that assigns an outer variable',
      definition: machine({
        A: {
          Type: 'Map',
          End: true,
          Assign: { x: 1 },
          ItemProcessor: { StartAt: 'B', States: { B: { ...END, Assign: { x: 2 } } } },
        },
      }),
      finding: /^state 'B', Assign: assigns 'x', which belongs to an outer scope$/,
    },
    {
      what: 'an assignment to $states',
      definition: machine({ A: { ...END, Assign: { states: 1 } } }),
      finding: /^state 'A', Assign: assigns 'states', which is reserved$/,
    },
    {
      what: 'a ${Name} without a value',
      definition: machine({ A: { ...invoke, Arguments: { FunctionName: '${Missing}' } } }),
      finding: /^state 'A', Arguments\.FunctionName: no substitution is given for \$\{Missing\}$/,
    },
  ])('$what', ({ definition, finding }) => {
    const findings = findingsOf(definition) as string[];
    expect(
      findings.some((text) => finding.test(text)),
      JSON.stringify(findings),
    ).toBe(true);
  });

  test('All faults are told at once.', () => {
    expect(findingsOf(machine({ A: { Type: 'Pass', Next: 'X' }, B: { Type: 'Pass' } }))).toHaveLength(3);
  });
});
