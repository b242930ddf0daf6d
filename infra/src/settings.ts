import { readFileSync } from 'node:fs';
import { z } from 'zod';

const AccountId = z.string().regex(/^\d{12}$/, 'expected twelve digits');
const RegionName = z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'expected a Region such as eu-central-1');

/** What a deployment can choose. Without a file: all defaults, for any account and Region. */
export const Settings = z.strictObject({
  /** The control account and its Region: the one that one recovers to, not the one that may fail. */
  account: AccountId.optional(),
  region: RegionName.optional(),
  /** Stands before the names of the tables, where others of these names are there already. */
  tablePrefix: z.string().max(40).default(''),
  /** A second Region that holds the records too. Needs `account` and `region`, and a key that stands there. */
  replica: z
    .strictObject({
      region: RegionName,
      keyArn: z.string().regex(/^arn:[\w-]+:kms:/, 'expected the ARN of a key'),
    })
    .optional(),
  /** The role of every target account, made by the target-account template or vended before (Landing Zone Accelerator). */
  targetRole: z.string().default('BreakwaterTarget'),
  /** Of the roles of target accounts. No secret: it keeps others from using Breakwater against an account of yours. */
  externalId: z
    .string()
    .min(2)
    .max(1224)
    .regex(/^[\w+=,.@:/-]+$/)
    .default('breakwater'),
  /** Of the functions and the state machines: one of the numbers of days that CloudWatch Logs knows. */
  logDays: z.literal([30, 60, 90, 180, 365, 731]).default(365),
});
export type Settings = z.infer<typeof Settings>;

/** Reads a file of settings; every problem with its place. */
export function readSettings(file: string | undefined): Settings {
  const given: unknown = file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'));
  const { success, data, error } = Settings.safeParse(given);
  if (success) return data;
  throw new TypeError(`${file} is not right:\n${z.prettifyError(error)}`);
}
