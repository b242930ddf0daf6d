import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FUNCTIONS } from './function-names.ts';
import { patternProblem } from '../../src/control/triggers/event-pattern.ts';
import type { Finding } from '../../src/core/outcome.ts';
import { schemaFindings } from '../../src/core/schema-findings.ts';

const AccountId = z.string().regex(/^\d{12}$/, 'expected twelve digits');
const RegionName = z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'expected a Region such as eu-central-1');
const RoleArn = z
  .string()
  .regex(/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/, 'expected the ARN of a role');

/** It names a rule besides. */
const TriggerId = z.string().regex(/^[\w.-]{1,40}$/, 'expected 1 to 40 letters, digits, ., _ and -');
/** As of a trigger in the records: EventBridge knows more ways to match, but both must say yes. */
const EventPattern = z.record(z.string(), z.unknown()).superRefine((pattern, context) => {
  const problem = patternProblem(pattern);
  if (problem !== null) context.addIssue({ code: 'custom', ...problem });
});

/** Whatever has a role of its own: the functions, the state machines, API Gateway for its logs, and SSM Automation. */
export const ROLE_NAMES = [...FUNCTIONS, 'recovery', 'technology', 'api-gateway', 'automation'] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

/** `auth: cognito`: of a user pool that the stack makes; `iam`: whoever may `execute-api:Invoke`, by signature. */
const AUTH_MODES = ['cognito', 'iam'] as const;

const Shape = z.strictObject({
  /** The control account and its Region: the one that one recovers to, not the one that may fail. */
  account: AccountId.optional(),
  region: RegionName.optional(),
  /** Stands before the names of the tables, where others of these names are there already. */
  tablePrefix: z
    .string()
    .regex(/^[\w.-]{0,40}$/, 'expected at most 40 letters, digits, ., _ and -')
    .default(''),
  /** A second Region that holds the records too. Needs `account` and `region`, and a key that stands there. */
  replica: z
    .strictObject({
      region: RegionName,
      keyArn: z.string().regex(/^arn:[\w-]+:kms:[\w-]+:/, 'expected the ARN of a key'),
    })
    .optional(),
  /**
   * The deployment of a second Region, on records that another one replicates here (`replica`): makes no tables, and nothing in it
   * runs by itself until somebody enables its rules. Needs `account` and `region`.
   */
  standby: z.boolean().default(false),
  /** The role of every target account, made by the target-account template or vended before (Landing Zone Accelerator). */
  targetRole: z
    .string()
    .regex(/^[\w+=,.@-]{1,64}$/, 'expected the name of a role, without its path')
    .default('BreakwaterTarget'),
  /** Of the roles of target accounts. No secret: it keeps others from using Breakwater against an account of yours. */
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/, 'expected 2 to 1,224 letters, digits and +=,.@:/-_')
    .default('breakwater'),
  /** Of the functions and the state machines: one of the numbers of days that CloudWatch Logs knows. */
  logDays: z.literal([30, 60, 90, 180, 365, 731]).default(365),
  /** Who may ask the API Gateway, and how they say who they are. */
  auth: z.enum(AUTH_MODES).default('cognito'),
  /** `false`: neither API Gateway nor user pool nor firewall; the function is invoked by its aliases. */
  api: z.boolean().default(true),
  /** Names of API keys. With any, every method asks for one, besides the identity. */
  apiKeys: z
    .array(z.string().regex(/^[\w.-]{1,64}$/, 'expected 1 to 64 letters, digits, ., _ and -'))
    .max(100)
    .superRefine((names, context) => {
      for (const [index, name] of names.entries())
        if (names.indexOf(name) < index)
          context.addIssue({
            code: 'custom',
            path: [index],
            message: `${JSON.stringify(name)} comes twice`,
            params: { remedy: 'Name each key once.' },
          });
    })
    .default([]),
  /** Of the whole API Gateway, and of each API key. AWS allows 10,000 a second and bursts of 5,000 in an account and Region. */
  throttle: z
    .strictObject({
      ratePerSecond: z.int().min(1).max(10_000).default(100),
      burst: z.int().min(1).max(5_000).default(200),
    })
    .prefault({}),
  /** A web firewall (AWS WAF) before the API Gateway. */
  waf: z.boolean().default(true),
  /** What starts plans besides the event `breakwater.disaster`: a pattern of EventBridge, by the id of the trigger that it is for. */
  triggers: z.strictObject({ disasterPatterns: z.record(TriggerId, EventPattern).default({}) }).prefault({}),
  /** Of what existing DRS solutions or other Breakwaters can be asked behind API Gateway with IAM: ARNs to `execute-api:Invoke`. */
  solutionApis: z
    .array(
      z
        .string()
        .regex(
          /^arn:[\w-]+:execute-api:[\w-]+:\d{12}:\w+\/.+$/,
          'expected the ARN of an API, such as arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/*',
        ),
    )
    .default([]),
  /** A topic of SNS that every alarm is sent to. */
  alarmTopic: z
    .string()
    .regex(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w.-]{1,256}$/, 'expected the ARN of a topic')
    .optional(),
  /** From when on there is an alarm. */
  alarms: z
    .strictObject({
      gateMinutes: z.int().min(1).max(10_080).default(60),
      replicationLagMinutes: z.int().min(1).max(10_080).default(15),
    })
    .prefault({}),
  /** Roles vended before, such as by a Landing Zone Accelerator: one for each name. Then no stack makes any. */
  roles: z.strictObject(roleShape()).optional(),
});

/** What a deployment can choose. Without a file: all defaults, for any account and Region. */
export const Settings = Shape.superRefine(refuseContradictions);
export type Settings = z.infer<typeof Shape>;

function roleShape(): Record<RoleName, typeof RoleArn> {
  return Object.fromEntries(ROLE_NAMES.map((name) => [name, RoleArn])) as Record<RoleName, typeof RoleArn>;
}

/** Settings that each are right, and together mean nothing. */
function refuseContradictions(settings: Settings, context: z.RefinementCtx): void {
  const { account, region, replica, standby, api, apiKeys, triggers, roles } = settings;
  const refuse = (path: PropertyKey[], message: string, remedy: string): void => {
    context.addIssue({ code: 'custom', path, message, params: { remedy } });
  };
  const isPlaced = account !== undefined && region !== undefined;
  const place = 'Name "account" and "region" beside it.';
  if (replica !== undefined && !isPlaced) refuse(['replica'], 'needs account and region', place);
  if (replica !== undefined && replica.region === region)
    refuse(['replica', 'region'], `${region} is the first Region too`, 'Name another Region.');
  const keyRegion = replica?.keyArn.split(':')[3];
  if (replica !== undefined && keyRegion !== replica.region)
    refuse(
      ['replica', 'keyArn'],
      `this key is in ${keyRegion}, and the replica in ${replica.region}`,
      `Name a key in ${replica.region}.`,
    );
  if (standby && !isPlaced) refuse(['standby'], 'a standby needs account and region', place);
  if (standby && replica !== undefined)
    refuse(
      ['replica'],
      'the first deployment makes the replicas, and this is the standby',
      'Take it out here.',
    );
  if (!api && apiKeys.length > 0)
    refuse(
      ['apiKeys'],
      'API keys need an API Gateway, and api is false',
      'Take them out, or set api to true.',
    );
  for (const [id, twin] of twinsOf(Object.keys(triggers.disasterPatterns)))
    refuse(
      ['triggers', 'disasterPatterns', id],
      `differs from ${twin} in ., _ and - alone, which CloudFormation cannot tell apart`,
      'Name one of the two triggers otherwise.',
    );
  for (const [name, arn] of Object.entries<string>(roles ?? {}))
    if (account !== undefined && arn.split(':')[4] !== account)
      refuse(['roles', name], `${arn} is not of account ${account}`, `Name a role of account ${account}.`);
}

/** Names whose letters and digits another has too: logical ids are made of these alone. */
function twinsOf(names: readonly string[]): (readonly [name: string, twin: string])[] {
  const bare = (name: string): string => name.replaceAll(/[._-]/g, '');
  return names.flatMap((name, index) => {
    const twin = names.slice(0, index).find((earlier) => bare(earlier) === bare(name));
    return twin === undefined ? [] : [[name, twin] as const];
  });
}

/** Reads a file of settings; every problem with its place, and what to do. */
export function readSettings(file: string | undefined): Settings {
  const given = file === undefined ? {} : readJson(file);
  const { success, data } = Settings.safeParse(given);
  if (success) return data;
  throw new SettingsInvalid(String(file), schemaFindings(Settings, given));
}

/** The settings in a file are not right. */
export class SettingsInvalid extends TypeError {
  readonly file: string;
  readonly findings: readonly Finding[];

  constructor(file: string, findings: readonly Finding[]) {
    const lines = findings.map(
      ({ path, message, remedy }) => `\n  - ${path === '' ? '' : `${path}: `}${message}. ${remedy}`,
    );
    super(`${file} is not right:${lines.join('')}`);
    this.file = file;
    this.findings = findings;
  }
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
    const expected = '--settings takes a JSON file, such as { "region": "eu-central-1" }';
    throw new TypeError(`${file} ${why}; ${expected}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TypeError(`${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
