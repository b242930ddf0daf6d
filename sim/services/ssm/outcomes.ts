import type { Call } from '#sim/kernel/contract.ts';
import type { DocumentRow, NodeRow } from './rows.ts';
import { executions, scripts, type ScriptRow } from './rows.ts';

export interface Outcome {
  readonly seconds: number;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a script is known by in a scenario's `match` and in `ssm.executions`. */
export function scriptText(
  document: DocumentRow,
  parameters: Readonly<Record<string, readonly string[]>>,
): string {
  const lines =
    parameters['commands'] ??
    Object.entries(parameters).map(([name, values]) => `${name}=${values.join(',')}`);
  return [document.name, ...lines].join('\n');
}

/** What this script does on this node, the next time it runs there. */
export function decideOutcome(call: Call, node: NodeRow, script: string, id: string): Outcome {
  const rule = findRule(call, script, node);
  const seconds = rule?.durationSeconds ?? call.world.random(`ssm.run/${id}/${node.id}`).lognormal(4, 0.4);
  const fails =
    rule !== undefined && (rule.failTimes === null || timesRun(call, node, rule) < rule.failTimes);
  const exitCode = fails ? rule.exitCode : 0;
  return {
    seconds,
    exitCode,
    stdout: rule?.stdout ?? defaultStdout(script),
    stderr: exitCode === 0 ? '' : (rule?.stderr ?? '') || `failed to run commands: exit status ${exitCode}`,
  };
}

export function findRule(call: Call, script: string, node: NodeRow | undefined): ScriptRow | undefined {
  return scripts(call)
    .all()
    .find((rule) => new RegExp(rule.match).test(script) && (node === undefined || concerns(rule, node)));
}

function concerns(rule: ScriptRow, node: NodeRow): boolean {
  return rule.instances === null || rule.instances.includes(node.id) || rule.instances.includes(node.name);
}

/** How often scripts under this rule have run on this node, whatever command sent them. */
function timesRun(call: Call, node: NodeRow, rule: ScriptRow): number {
  return executions(call)
    .all()
    .filter((row) => row.instanceId === node.id && new RegExp(rule.match).test(row.script)).length;
}

/** What `echo` would print; otherwise a word. */
function defaultStdout(script: string): string {
  const echoed = script.split('\n').flatMap((line) => /^echo ["']?(.*?)["']?$/.exec(line)?.[1] ?? []);
  return `${echoed.length > 0 ? echoed.join('\n') : 'ok'}\n`;
}
