import { readText } from '../repo-files.ts';

/** A plan of the example with one thing changed. */
export function exampleWith(search: string, replacement: string): string {
  const text = readText('examples/core-banking/plan.yaml');
  if (!text.includes(search)) throw new TypeError(`the example has no ${search}`);
  return text.replace(search, replacement);
}

export interface BadPlan {
  readonly name: string;
  /** Text or bytes of the plan file; `null`: there is none. */
  readonly plan: string | Buffer | null;
  readonly says: readonly (string | RegExp)[];
}

/** One row each: what is wrong with a plan, and what a person must be told. */
export const BAD_PLANS: readonly BadPlan[] = [
  { name: 'does not exist', plan: null, says: ['PlanUnreadable: ', 'plan.yaml does not exist'] },
  { name: 'is empty', plan: '', says: ['PlanUnreadable: ', 'is empty'] },
  { name: 'has 5 MB', plan: '#'.repeat(5_000_000), says: ['PlanUnreadable: ', 'is larger than 4 MiB'] },
  {
    name: 'is binary',
    plan: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 255]),
    says: ['PlanUnreadable: ', 'is a binary file'],
  },
  { name: 'is no YAML', plan: 'waves: [', says: ['PlanUnreadable: ', /is not YAML: line 1, column \d+/] },
  {
    name: 'is prose',
    plan: 'Recover everything.',
    says: ['PlanUnreadable: ', 'is plain text; a plan is a mapping'],
  },
  {
    name: 'names a technology that there is not',
    plan: exampleWith('type: database', 'type: databse'),
    says: [
      'ValidationFailed: ',
      /plan\.yaml:\d+:\d+ +error +OperationUnknown/,
      'databse/failover',
      'did you mean database/failover?',
    ],
  },
  {
    name: 'names an operation that there is not',
    plan: exampleWith('operation: failover', 'operation: restart'),
    says: ['ValidationFailed: ', /plan\.yaml:\d+:\d+ +error +OperationUnknown/, 'database/restart'],
  },
  {
    name: 'has wrong types deep inside, all told at once',
    plan: exampleWith('clusters: [aurora-prod-cluster]', 'clusters: aurora-prod-cluster')
      .replace('pauseAfterWave: true', 'pauseAfterWave: "yes"')
      .replace('rto: PT30M', 'rto: 30 minutes'),
    says: [
      'PlanInvalid: ',
      /plan\.yaml:\d+:\d+ +error +TypeWrong\n +waves\[1\]\.pauseAfterWave: expected true or false, found the text "yes"/,
      /plan\.yaml:\d+:\d+ +error +ValueInvalid\n +objectives\.rto: .*30 minutes/,
    ],
  },
  {
    name: 'has a wrong type in the resources of a technology',
    plan: exampleWith('clusters: [aurora-prod-cluster]', 'clusters: aurora-prod-cluster'),
    says: ['ValidationFailed: ', /plan\.yaml:\d+:\d+ +error/, 'waves[0].technologies[0].resources.clusters'],
  },
  {
    name: 'has a cycle of waves',
    plan: exampleWith('dependencies: []', 'dependencies: [3]'),
    says: ['PlanInvalid: ', /plan\.yaml:\d+:\d+ +error +Wave\w*Cycl/, /1 → 3|3 → 2|2 → 1|1 → 2/],
  },
  {
    name: 'numbers two waves alike',
    plan: exampleWith('waveNumber: 2', 'waveNumber: 1'),
    says: ['PlanInvalid: ', /plan\.yaml:\d+:\d+ +error +Wave\w*Duplicate/, 'waveNumber'],
  },
  {
    name: 'waits for a wave that there is not',
    plan: exampleWith('dependencies: [2]', 'dependencies: [7]'),
    says: ['PlanInvalid: ', /plan\.yaml:\d+:\d+ +error +Wave\w*Unknown/, '7'],
  },
  {
    name: 'names a protection group that there is not',
    plan: exampleWith('protectionGroups: [pg-app-servers]', 'protectionGroups: [pg-web-servers]'),
    says: ['ValidationFailed: ', /plan\.yaml:\d+:\d+ +error +ResourceUnresolved/, 'pg-web-servers'],
  },
  {
    name: 'names a cluster that there is not',
    plan: exampleWith('[aurora-prod-cluster]', '[aurora-test-cluster]'),
    says: ['ValidationFailed: ', /plan\.yaml:\d+:\d+ +error/, 'aurora-test-cluster'],
  },
  {
    name: 'names a script that there is not',
    plan: exampleWith('scripts: [start-services.sh]', 'scripts: [start-everything.sh]'),
    says: ['ValidationFailed: ', /plan\.yaml:\d+:\d+ +error/, 'start-everything.sh'],
  },
  {
    name: 'names a record of a DNS zone that there is not',
    plan: exampleWith('recordName: app.company.com', 'recordName: app.example.org'),
    says: ['ValidationFailed: ', /plan\.yaml:\d+:\d+ +error/, 'app.example.org'],
  },
  {
    name: 'queries tags that nothing carries',
    plan: exampleWith('DR-Tier: application\n\nscripts', 'DR-Tier: nowhere\n\nscripts'),
    says: ['ValidationFailed: ', /plan\.yaml:\d+:\d+ +error +ResourceUnresolved/, /nowhere|pg-app-servers/],
  },
];
