import type { UserPoolCalls } from '#aws/services/cognito.ts';
import type { SignInQuestion } from '#cli/host.ts';
import { BreakwaterError } from '#core/errors.ts';

export interface Person {
  readonly user: string;
  readonly clientId: string;
  readonly ask: (question: SignInQuestion) => Promise<string>;
}

/** What the user pool answers to a password, and to each challenge after it. */
export type PoolAnswer = Awaited<ReturnType<UserPoolCalls['initiateAuth']>>;

/** Challenges that take a code, by the name of the member that it goes into. */
const CODES: Readonly<Record<string, string>> = {
  SOFTWARE_TOKEN_MFA: 'SOFTWARE_TOKEN_MFA_CODE',
  SMS_MFA: 'SMS_MFA_CODE',
  EMAIL_OTP: 'EMAIL_OTP_CODE',
};
/** More than any pool asks one after the other. */
const MOST_CHALLENGES = 5;

/** Answers challenge after challenge, until the pool gives tokens. Throws `SignInFailed` at one that cannot be answered here. */
export async function answerChallenges(
  pool: UserPoolCalls,
  first: PoolAnswer,
  person: Person,
): Promise<NonNullable<PoolAnswer['AuthenticationResult']>> {
  let answer = first;
  for (let asked = 0; asked < MOST_CHALLENGES; asked++) {
    if (answer.AuthenticationResult !== undefined) return answer.AuthenticationResult;
    answer = await pool.respondToAuthChallenge(await responseTo(pool, answer, person));
  }
  throw new BreakwaterError('SignInFailed', 'the user pool asks on and on');
}

async function responseTo(
  pool: UserPoolCalls,
  { ChallengeName: name, ChallengeParameters: parameters = {}, Session: session }: PoolAnswer,
  { user, clientId, ask }: Person,
): Promise<Parameters<UserPoolCalls['respondToAuthChallenge']>[0]> {
  // The pool may know the person by another name than they gave, such as their e-mail address.
  const USERNAME = parameters['USER_ID_FOR_SRP'] ?? user;
  const common = { ClientId: clientId, ChallengeName: name, Session: session };
  if (name === 'NEW_PASSWORD_REQUIRED') {
    const NEW_PASSWORD = await ask({ kind: 'newPassword' });
    return { ...common, ChallengeResponses: { USERNAME, NEW_PASSWORD } };
  }
  if (name === 'MFA_SETUP') {
    const Session = await setUpAuthenticator(pool, session, { user, ask });
    return { ...common, ChallengeResponses: { USERNAME }, Session };
  }
  const member = CODES[name ?? ''];
  if (member === undefined)
    throw new BreakwaterError(
      'SignInFailed',
      `the user pool asks for ${String(name)}, which the command line cannot answer`,
    );
  const code = await ask({ kind: 'code' });
  return { ...common, ChallengeResponses: { USERNAME, [member]: code.trim() } };
}

/** The session to go on with. */
async function setUpAuthenticator(
  pool: UserPoolCalls,
  session: string | undefined,
  { user, ask }: Pick<Person, 'user' | 'ask'>,
): Promise<string | undefined> {
  const { SecretCode: secret = '', Session } = await pool.associateSoftwareToken({ Session: session });
  const address = `otpauth://totp/${encodeURIComponent(`Breakwater:${user}`)}?secret=${secret}&issuer=Breakwater`;
  const code = await ask({ kind: 'setUpCode', secret, address });
  const verified = await pool.verifySoftwareToken({ UserCode: code.trim(), Session });
  if (verified.Status !== 'SUCCESS')
    throw new BreakwaterError('SignInFailed', 'the user pool did not take the code of the authenticator');
  return verified.Session;
}
