import { z } from 'zod';
import type { ServiceDefinition } from './contract.ts';
import { namingSchemas } from './scenario-names.ts';
import { describeIssues, type ScenarioProblem } from './scenario-problems.ts';

/** YAML reads twelve digits as a number, and so drops leading zeros. */
const AccountId = z.preprocess(
  (value) => (typeof value === 'number' ? String(value).padStart(12, '0') : value),
  z.string().regex(/^\d{12}$/, 'expected an account id of 12 digits'),
);

const RegionName = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a Region such as us-west-2');

/** The schema of a scenario in a world of these services: each service's section by its own schema. */
export function scenarioSchema(services: readonly ServiceDefinition[]) {
  const sections = (isGlobal: boolean): Record<string, z.ZodType> =>
    Object.fromEntries(
      services
        .filter(({ global = false, scenario }) => global === isGlobal && scenario !== undefined)
        .map(({ name, scenario }) => [name, scenario!.optional()]),
    );
  const { denies, fault, rateLimits } = namingSchemas(services);
  const role = z.strictObject({
    name: z.string(),
    externalId: z.string().min(2).optional(),
    /** Accounts that may assume it. Default: all accounts of the scenario. */
    trusts: z.array(AccountId).optional(),
    denies,
    maxSessionSeconds: z.int().min(900).max(43_200).default(3_600),
  });
  return z.strictObject({
    name: z.string(),
    description: z.string().optional(),
    seed: z.int().default(1),
    startsAt: z
      .string()
      .refine(
        (text) => !Number.isNaN(Date.parse(text)),
        'expected an ISO 8601 time such as 2026-03-01T10:00:00Z',
      )
      .transform((text) => Date.parse(text))
      .prefault('2026-01-01T00:00:00Z'),
    accounts: z
      .array(
        z.strictObject({
          accountId: AccountId,
          name: z.string().optional(),
          accessKeyId: z.string().min(16).max(128).optional(),
          secretAccessKey: z.string().min(1).optional(),
          denies,
          roles: z.array(role).default([]),
          regions: z.record(RegionName, z.strictObject(sections(false))).default({}),
          ...sections(true),
        }),
      )
      .min(1)
      .superRefine(refuseDoubles),
    faults: z.array(fault).default([]),
    rateLimits: rateLimits.default({}),
  });
}

function refuseDoubles(accounts: readonly { accountId: string }[], context: z.core.$RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, { accountId }] of accounts.entries()) {
    if (seen.has(accountId)) {
      const message = 'expected each account once';
      context.issues.push({ code: 'custom', path: [index, 'accountId'], message, input: accountId });
    }
    seen.add(accountId);
  }
}

/** A scenario, complete with defaults. `startsAt` in milliseconds since 1970. */
export type Scenario = z.output<ReturnType<typeof scenarioSchema>>;

/** A scenario that cannot be used, with everything that is wrong with it. */
export class ScenarioError extends Error {
  readonly problems: readonly ScenarioProblem[];

  constructor(problems: readonly ScenarioProblem[]) {
    super(problems.map(writeProblem).join('\n'));
    this.name = 'ScenarioError';
    this.problems = problems;
  }
}

function writeProblem({ path, value, expected, line, column }: ScenarioProblem): string {
  const place = line === undefined ? '' : `${line}:${column ?? 1} `;
  return `${place}${path === '' ? 'scenario' : path}: ${expected}${value === undefined ? '' : `, but it is ${value}`}`;
}

/** Checks a scenario that has been read already. Throws `ScenarioError`. */
export function parseScenario(value: unknown, services: readonly ServiceDefinition[]): Scenario {
  const result = scenarioSchema(services).safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new ScenarioError(describeIssues(result.error.issues));
}
