import type { Report } from './compile.ts';
import type { FlowDefinition, StateDefinition } from './schema.ts';

/** Checks what shapes cannot say: where states lead, what is never reached, and which scope owns a variable. */
export function checkFlow(
  flow: FlowDefinition,
  owner: string,
  report: Report,
  outer: ReadonlySet<string> = new Set(),
): void {
  const names = Object.keys(flow.States);
  if (names.length === 0) report(owner, 'States', 'is empty');
  if (flow.States[flow.StartAt] === undefined)
    report(owner, 'StartAt', `leads to '${flow.StartAt}', which is not a state here`);
  for (const [name, state] of Object.entries(flow.States)) checkState(name, state, flow, report);
  checkReached(flow, report);
  checkScopes(flow, report, outer);
}

function checkState(name: string, state: StateDefinition, flow: FlowDefinition, report: Report): void {
  for (const [field, target] of targetsOf(state)) {
    if (flow.States[target] === undefined)
      report(name, field, `leads to '${target}', which is not a state at this level`);
  }
  if ('Next' in state && 'End' in state && state.Next !== undefined && state.End !== undefined) {
    report(name, 'End', 'cannot stand beside Next');
  }
  const mustGoOn = !['Choice', 'Succeed', 'Fail'].includes(state.Type);
  if (mustGoOn && !('Next' in state) && !('End' in state))
    report(name, 'Next', 'is missing; give Next or End');
  if (state.Type === 'Wait' && (state.Seconds === undefined) === (state.Timestamp === undefined)) {
    report(name, 'Seconds', 'or Timestamp must be given, and not both');
  }
  if ('Retry' in state || 'Catch' in state) checkWildcards(name, state, report);
}

/** `States.ALL` stands alone and last. Source: https://states-language.net/#errors */
function checkWildcards(name: string, state: StateDefinition, report: Report): void {
  for (const field of ['Retry', 'Catch'] as const) {
    const list =
      (state as Partial<Record<typeof field, readonly { ErrorEquals: readonly string[] }[]>>)[field] ?? [];
    list.forEach(({ ErrorEquals }, index) => {
      if (!ErrorEquals.includes('States.ALL')) return;
      if (ErrorEquals.length > 1)
        report(name, `${field}[${index}].ErrorEquals`, 'must hold States.ALL alone');
      if (index < list.length - 1)
        report(name, `${field}[${index}].ErrorEquals`, 'holds States.ALL and must be the last');
    });
  }
}

function targetsOf(state: StateDefinition): [field: string, target: string][] {
  const targets: [string, string][] = [];
  if ('Next' in state && state.Next !== undefined) targets.push(['Next', state.Next]);
  if ('Catch' in state)
    state.Catch?.forEach((catcher, index) => targets.push([`Catch[${index}].Next`, catcher.Next]));
  if (state.Type === 'Choice') {
    state.Choices.forEach((rule, index) => targets.push([`Choices[${index}].Next`, rule.Next]));
    if (state.Default !== undefined) targets.push(['Default', state.Default]);
  }
  return targets;
}

function checkReached(flow: FlowDefinition, report: Report): void {
  const reached = new Set<string>();
  const open = [flow.StartAt];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = flow.States[name];
    if (state === undefined || reached.has(name)) continue;
    reached.add(name);
    open.push(...targetsOf(state).map(([, target]) => target));
  }
  for (const name of Object.keys(flow.States)) {
    if (!reached.has(name)) report(name, 'name', 'is never reached from StartAt');
  }
}

/**
 * A variable belongs to one scope: an inner one may read it, never assign it.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
 */
function checkScopes(flow: FlowDefinition, report: Report, outer: ReadonlySet<string>): void {
  const own = new Set(outer);
  for (const [name, state] of Object.entries(flow.States)) {
    for (const [field, variable] of assignedBy(state)) {
      if (outer.has(variable)) report(name, field, `assigns '${variable}', which belongs to an outer scope`);
      if (variable === 'states') report(name, field, `assigns 'states', which is reserved`);
      own.add(variable);
    }
  }
  for (const [name, state] of Object.entries(flow.States)) {
    if (state.Type === 'Map') checkFlow(state.ItemProcessor, name, report, own);
    if (state.Type === 'Parallel') for (const branch of state.Branches) checkFlow(branch, name, report, own);
  }
}

function assignedBy(state: StateDefinition): [field: string, variable: string][] {
  const places: [string, object | undefined][] = [];
  if ('Assign' in state) places.push(['Assign', state.Assign]);
  if ('Catch' in state)
    state.Catch?.forEach((catcher, index) => places.push([`Catch[${index}].Assign`, catcher.Assign]));
  if (state.Type === 'Choice') {
    state.Choices.forEach((rule, index) => places.push([`Choices[${index}].Assign`, rule.Assign]));
  }
  return places.flatMap(([field, assign]) =>
    Object.keys(assign ?? {}).map((name): [string, string] => [field, name]),
  );
}
