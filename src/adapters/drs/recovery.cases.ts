import type { Simulation } from '#sim/index.ts';
import { jobs, recoveryInstances, sourceServers } from '#sim/services/drs/rows.ts';
import { ACCOUNT, type OperationCase } from '../testing/operation-case.ts';
import { fakeSolution, type FakeSolution } from '../testing/fake-solution.ts';
import { recovery } from './recovery.ts';

const at = ({ world }: Simulation) => ({ world, accountId: ACCOUNT, region: 'us-west-2' });

/** A tenth of the time, so that a job takes few looks. */
const timing = { scale: 0.1, sigma: 0 };
const tags = { Tier: 'app' };
const generate = (count: number): object => ({ count, tags });

/** Servers in jobs, not jobs: with fewer servers to a job there are more of them. */
const countServers = (simulation: Simulation): number =>
  jobs(at(simulation))
    .all()
    .reduce((sum, job) => sum + job.servers.length, 0);

const allLaunched = (simulation: Simulation): boolean =>
  recoveryInstances(at(simulation)).size === sourceServers(at(simulation)).size;

/** The solution beside a simulated AWS; it outlives the processes that drive it. */
const solutions = new WeakMap<Simulation, FakeSolution>();

const driving = (startsOnce: boolean): NonNullable<OperationCase['context']> => ({
  mode: 'drill',
  solution: (simulation, clock) => {
    const solution = solutions.get(simulation) ?? fakeSolution({ clock, startsOnce });
    solutions.set(simulation, solution);
    return solution;
  },
});

const remotely: Omit<OperationCase, 'name'> = {
  operation: recovery,
  estate: { regions: { 'us-west-2': {} } },
  resources: { recoveryPlanId: 'plan-1' },
  parameters: { integration: 'api', solution: 'core-dr' },
  countEffects: (simulation) => {
    const { executions, terminations } = solutions.get(simulation)!;
    return executions.size + terminations.length;
  },
  effects: 1,
  isDone: (simulation) =>
    [...solutions.get(simulation)!.executions.values()].every(({ hasEnded }) => hasEnded()),
  undone: { is: (simulation) => solutions.get(simulation)!.terminations.length === 1, effects: 1 },
};

export const cases: OperationCase[] = [
  {
    ...remotely,
    name: 'a plan of another Breakwater, which starts nothing twice under one mark',
    context: driving(true),
  },
  {
    ...remotely,
    name: 'a plan of an existing solution, in which what was started has to be looked for',
    context: driving(false),
    // A start that is sent twice at once starts twice there: it knows of no marks.
    effectsWhenDoubled: 2,
  },
  {
    name: 'servers with a tag are launched in one job',
    operation: recovery,
    estate: { regions: { 'us-west-2': { drs: { timing, generate: generate(3) } } } },
    resources: { tags },
    countEffects: countServers,
    effects: 3,
    isDone: allLaunched,
  },
  {
    name: 'servers are configured and launched in two rounds, because the quotas leave room for three',
    operation: recovery,
    estate: {
      regions: {
        'us-west-2': {
          drs: { timing, generate: generate(5), quotas: { serversPerJob: 3, serversInJobs: 3 } },
        },
      },
    },
    resources: { tags },
    parameters: { launchConfiguration: { copyTags: true }, pointInTime: { age: 'PT1H' } },
    context: { mode: 'drill' },
    countEffects: countServers,
    effects: 5,
    isDone: allLaunched,
    undone: { is: (simulation) => recoveryInstances(at(simulation)).size === 0, effects: 5 },
  },
  {
    name: 'a job that launches nothing',
    operation: recovery,
    estate: { regions: { 'us-west-2': { drs: { timing, generate: generate(2), silentFailure: true } } } },
    resources: { tags },
    ends: 'failed',
    countEffects: countServers,
    effects: 2,
    isDone: allLaunched,
  },
];
