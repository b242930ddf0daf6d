import { z } from 'zod';
import { BreakwaterError } from '#core/errors.ts';
import { defineCommand, type Context } from '../command.ts';
import { plain } from '../format.ts';
import type { SignInQuestion } from '../host.ts';
import { Json, JSON_OPTION } from '../inputs.ts';

const Api = z.string().min(1).optional();
const API_OPTION = {
  flags: '--api <url>',
  summary: 'the server, its stage included if it has one (default: $BREAKWATER_URL)',
} as const;

/** `breakwater login`. */
export const loginCommand = defineCommand({
  name: 'login',
  summary: 'sign in at the Cognito user pool of a server, for `--auth cognito`',
  description:
    'Asks for the password, and for what the user pool asks besides: a new password, the code of an authenticator, or to set one up. ' +
    'Keeps the tokens in a private file of yours, for this server alone, and renews them.\n' +
    'The password is proved (SRP), and not sent. Which user pool and app client it is comes from you, never from the server: what the user pool asks for besides, it gets.',
  arguments: [],
  options: [
    API_OPTION,
    { flags: '--user <name>', summary: 'who signs in (default: asked for)' },
    {
      flags: '--user-pool-id <id>',
      summary: 'the user pool (default: $BREAKWATER_USER_POOL_ID)',
    },
    {
      flags: '--user-pool-client-id <id>',
      summary: 'the app client of the user pool (default: $BREAKWATER_USER_POOL_CLIENT_ID)',
    },
    {
      flags: '--password-stdin',
      summary:
        'read the password from stdin, and from further lines what else is asked for (default: $BREAKWATER_PASSWORD, else asked for)',
    },
    JSON_OPTION,
  ],
  examples: [
    'breakwater login --api https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/v1 --user ana --user-pool-id eu-west-1_Ab12cd34E --user-pool-client-id 1example23456789',
    'breakwater login --user ci --password-stdin < password-file',
  ],
  exits: ['ok', 'invalid'],
  input: z.object({
    api: Api,
    user: z.string().min(1).optional(),
    userPoolClientId: z
      .string()
      .regex(/^[\w+]{1,128}$/, 'expected the id of an app client')
      .optional(),
    userPoolId: z.string().min(1).optional(),
    passwordStdin: z.boolean().default(false),
    json: Json,
  }),
  run: async ({ api, user: given, userPoolId, userPoolClientId, passwordStdin }, context) => {
    const { io, local, output } = context;
    const user = given ?? (await askUser(context));
    const signedIn = await local.signIn({
      server: api === undefined ? {} : { api },
      ...(userPoolClientId === undefined ? {} : { clientId: userPoolClientId }),
      ...(userPoolId === undefined ? {} : { poolId: userPoolId }),
      user,
      ask: passwordStdin ? answersOf(await io.readInput()) : (question) => askPerson(question, context),
    });
    output.data(
      signedIn,
      () => `${plain(user)} is signed in for ${signedIn.api}: use --auth cognito with it.`,
    );
    return 'ok';
  },
});

/** `breakwater logout`. */
export const logoutCommand = defineCommand({
  name: 'logout',
  summary: 'end the sign-in for a server: revoke its tokens, and forget them',
  arguments: [],
  options: [API_OPTION, JSON_OPTION],
  examples: ['breakwater logout --api https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/v1'],
  exits: ['ok', 'invalid'],
  input: z.object({ api: Api, json: Json }),
  run: async ({ api }, { local, output }) => {
    const { user, ...rest } = await local.signOut(api === undefined ? {} : { api });
    output.data({ user, ...rest }, () => `${plain(user)} is signed out of ${rest.api}.`);
    return 'ok';
  },
});

const QUESTIONS: Readonly<Record<SignInQuestion['kind'], string>> = {
  password: 'Password:',
  newPassword: 'A new password, which the user pool demands:',
  code: 'The code of your authenticator:',
  setUpCode: 'The code that it shows:',
};

async function askUser(context: Context): Promise<string> {
  requirePerson(context, 'who signs in', '--user');
  return context.io.input({ message: 'User:' });
}

async function askPerson(question: SignInQuestion, context: Context): Promise<string> {
  const { io } = context;
  const fromEnvironment = question.kind === 'password' ? io.environment['BREAKWATER_PASSWORD'] : undefined;
  if (fromEnvironment) return fromEnvironment;
  requirePerson(context, WANTED[question.kind], '--password-stdin');
  const message = QUESTIONS[question.kind];
  if (question.kind === 'code') return io.input({ message });
  if (question.kind === 'setUpCode') {
    io.note(
      `The user pool demands an authenticator. Tell yours this secret (or ${question.address}):\n  ${question.secret}`,
    );
    return io.input({ message });
  }
  const typed = await io.secret({ message });
  if (question.kind === 'newPassword' && typed !== (await io.secret({ message: 'Once more:' })))
    throw new BreakwaterError('Declined', 'these were two different passwords');
  return typed;
}

const WANTED: Readonly<Record<SignInQuestion['kind'], string>> = {
  password: 'the password',
  newPassword: 'the new password that the user pool demands',
  code: 'the code of an authenticator',
  setUpCode: 'an authenticator that has to be set up first',
};

/** A secret must not end in a log, so without a person nothing is shown and nothing asked. */
function requirePerson({ io, output }: Context, what: string, option: string): void {
  if (io.interactive && !output.json) return;
  throw new BreakwaterError('UsageInvalid', `${what} cannot be asked for here: give ${option}`);
}

/** Lines that answer one question after the other. */
function answersOf(text: string): (question: SignInQuestion) => Promise<string> {
  const lines = text.split(/\r?\n/);
  return async ({ kind }) => {
    if (kind === 'setUpCode')
      throw new BreakwaterError(
        'SignInFailed',
        'an authenticator has to be set up first: sign in at a terminal',
      );
    const line = lines.shift();
    if (line) return line;
    throw new BreakwaterError('SignInFailed', `stdin has no line for ${WANTED[kind]}`);
  };
}
