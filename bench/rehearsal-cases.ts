import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parsePlanText } from '#control/plan-file.ts';
import { Plan } from '#core/plan.ts';
import { parseScenario, readScenario, type Scenario } from '#sim/index.ts';

/** A plan with the simulated estate that it recovers. */
export interface RehearsalCase {
  readonly name: string;
  readonly plan: Plan;
  readonly scenario: Scenario;
}

interface Size {
  readonly servers: number;
  readonly accounts: number;
  readonly waves: number;
}

/** The plan and the estate of `examples/core-banking`. */
export function coreBanking(): RehearsalCase {
  const read = (file: string): string =>
    readFileSync(path.join(import.meta.dirname, '../examples/core-banking', file), 'utf8');
  return {
    name: 'core-banking',
    plan: parsePlanText(read('plan.yaml'), 'plan.yaml').plan,
    scenario: readScenario(read('estate.yaml')),
  };
}

/** Servers are spread evenly over accounts and sequential waves; every wave recovers its share in every account. */
export function generated(size: Size): RehearsalCase {
  const { servers, accounts, waves } = size;
  return {
    name: `${servers} servers, ${accounts} accounts, ${waves} waves`,
    plan: Plan.parse(planOf(size)),
    scenario: parseScenario(scenarioOf(size)),
  };
}

function accountIds(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(100_000_000_001 + i));
}

function scenarioOf({ servers, accounts, waves }: Size): object {
  const each = Math.ceil(servers / accounts / waves);
  return {
    name: 'bench',
    seed: 1,
    startsAt: '2026-01-07T10:00:00Z',
    accounts: accountIds(accounts).map((accountId) => ({
      accountId,
      roles: [{ name: 'Breakwater' }],
      regions: {
        'us-west-2': {
          drs: {
            generate: Array.from({ length: waves }, (_, wave) => ({
              count: each,
              hostnamePrefix: `w${wave + 1}-`,
              tags: { Wave: String(wave + 1) },
            })),
          },
        },
      },
    })),
  };
}

function planOf({ accounts, waves }: Size): object {
  return {
    planId: 'bench',
    region: 'us-west-2',
    waves: Array.from({ length: waves }, (_, wave) => ({
      waveNumber: wave + 1,
      name: `Wave ${wave + 1}`,
      technologies: accountIds(accounts).map((accountId) => ({
        type: 'drs',
        operation: 'recovery',
        accountId,
        resources: { tags: { Wave: String(wave + 1) } },
      })),
    })),
  };
}
