import { BreakwaterError } from '#core/errors.ts';
import type { CommandOption } from './command.ts';
import type { ServerChoice } from './host.ts';

const WAYS = ['token', 'iam', 'cognito'] as const;

/** The options of every command that can work with a server. They win over the environment. */
export const SERVER_OPTIONS: readonly CommandOption[] = [
  {
    flags: '--api <url>',
    summary: 'work with the server there, its stage included if it has one (default: $BREAKWATER_URL)',
  },
  {
    flags: '--auth <way>',
    summary:
      'who asks there: token ($BREAKWATER_TOKEN), iam (your AWS credentials; a proof for the server that $BREAKWATER_SERVER_ID names, ' +
      'a signature for API Gateway) or cognito (`breakwater login`) (default: $BREAKWATER_AUTH, else token)',
  },
];

/** What the options say; `null`: neither was given. Throws `UsageInvalid`. */
export function serverChoice(api: unknown, auth: unknown): ServerChoice | null {
  if (api === undefined && auth === undefined) return null;
  const way = WAYS.find((one) => one === auth);
  if (auth !== undefined && way === undefined)
    throw new BreakwaterError(
      'UsageInvalid',
      `not understood: --auth ${JSON.stringify(auth)} (expected ${WAYS.join(', ')})`,
    );
  return {
    ...(typeof api === 'string' ? { api } : {}),
    ...(way === undefined ? {} : { auth: way }),
  };
}

/** The options once more, as they were given. */
export function serverFlags({ api, auth }: ServerChoice): string {
  return `${api === undefined ? '' : ` --api ${api}`}${auth === undefined ? '' : ` --auth ${auth}`}`;
}
