import { Script } from '#core/plan.ts';
import type { Simulation } from '#sim/index.ts';
import { invocations as functionRuns } from '#sim/services/lambda/rows.ts';
import { executions } from '#sim/services/ssm/rows.ts';
import { ACCOUNT, recoveredServer, type OperationCase } from '../testing/operation-case.ts';
import { scripts } from './scripts.ts';

const at = (simulation: Simulation) => ({
  world: simulation.world,
  accountId: ACCOUNT,
  region: 'us-west-2',
  now: simulation.world.now,
  principal: 'test',
});

/** How often a script has run on a machine, and a function at all. */
function countRuns(simulation: Simulation): number {
  return executions(at(simulation)).size + functionRuns(at(simulation)).size;
}

/** Every machine has run every script to a good end by now. */
function allSucceeded(simulation: Simulation): boolean {
  const all = executions(at(simulation)).all();
  return all.every(({ exitCode, startsAt }) => exitCode === 0 && startsAt <= simulation.world.now);
}

const tags = { 'DR-Technology': 'application', 'DR-Wave': '2' };
const commands = (name: string, targets: object = { tags }) =>
  Script.parse({ type: 'commands', commands: [`systemctl start ${name}`], targets });

export const cases: OperationCase[] = [
  {
    name: 'two scripts run one after the other on the instances with their tags',
    operation: scripts,
    estate: {
      regions: {
        'us-west-2': {
          ec2: { instances: [{ id: 'i-0a', tags }, { id: 'i-0b', tags }, { id: 'i-0c' }] },
        },
      },
    },
    context: { waveNumber: 2, scripts: { first: commands('one'), second: commands('two') } },
    resources: { scripts: ['first', 'second'] },
    countEffects: countRuns,
    effects: 4,
    effectsWhenDoubled: 8,
    isDone: allSucceeded,
  },
  {
    name: 'a script that the plan does not know is an SSM document, run on the instances of its wave',
    operation: scripts,
    estate: {
      regions: {
        'us-west-2': {
          ec2: { generate: { count: 60, tags } },
          ssm: { documents: [{ name: 'start-services.sh' }] },
        },
      },
    },
    context: { waveNumber: 2 },
    resources: { scripts: ['start-services.sh'] },
    countEffects: countRuns,
    effects: 60,
    effectsWhenDoubled: 120,
    isDone: allSucceeded,
  },
  {
    name: 'a script that fails on one of two instances',
    operation: scripts,
    estate: {
      regions: {
        'us-west-2': {
          ec2: {
            instances: [
              { id: 'i-0a', tags },
              { id: 'i-0b', tags },
            ],
          },
          ssm: { scripts: [{ match: 'systemctl', instances: ['i-0b'], exitCode: 3 }] },
        },
      },
    },
    context: { waveNumber: 2, scripts: { first: commands('one'), second: commands('two') } },
    resources: { scripts: ['first', 'second'] },
    ends: 'failed',
    countEffects: countRuns,
    effects: 2,
    effectsWhenDoubled: 4,
    isDone: () => false,
  },
  {
    name: 'a script runs on what was recovered of a protection group',
    operation: scripts,
    estate: {
      regions: {
        'us-west-2': {
          drs: { sourceServers: [{ id: 's-00000000000000001', hostname: 'one', tags: { Tier: 'app' } }] },
          ec2: { instances: [{ id: 'i-0a' }] },
        },
      },
    },
    context: {
      scripts: { first: commands('one', { protectionGroups: ['app'] }) },
      protectionGroups: [{ groupId: 'app', tags: { Tier: 'app' } }],
      recoveredServers: [recoveredServer('i-0a')],
    },
    resources: { scripts: ['first'] },
    countEffects: countRuns,
    effects: 1,
    effectsWhenDoubled: 2,
    isDone: allSucceeded,
  },
  {
    name: 'a function is invoked',
    operation: scripts,
    estate: { regions: { 'us-west-2': { lambda: { functions: [{ name: 'warm-cache' }] } } } },
    context: { scripts: { warm: Script.parse({ type: 'lambda', functionName: 'warm-cache' }) } },
    resources: { scripts: ['warm'] },
    countEffects: countRuns,
    effects: 1,
    effectsWhenDoubled: 2,
    isDone: (simulation) => functionRuns(at(simulation)).size >= 1,
    mayFailAfter: {
      crash: 'nobody knows whether the function ran',
      responseLost: 'nobody knows whether the function ran',
      error: 'nobody knows whether the function ran',
    },
  },
];
