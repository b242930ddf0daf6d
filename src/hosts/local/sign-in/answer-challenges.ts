import type { UserPoolCalls } from '#aws/services/cognito.ts';
import type { SignInQuestion } from '#cli/host.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { PasswordChallenge, SrpClient } from './srp.ts';

export interface Person {
  readonly user: string;
  readonly clientId: string;
  /** That they know their password. */
  readonly prove: (challenge: PasswordChallenge) => ReturnType<SrpClient['prove']>;
  readonly ask: (question: SignInQuestion) => Promise<string>;
}

/** What the user pool answers to the name of somebody, and to each challenge after it. */
export type PoolAnswer = Awaited<ReturnType<UserPoolCalls['initiateAuth']>>;

/** Challenges that take a code, by the name of the member that it goes into. */
const CODES: Readonly<Record<string, string>> = {
  SOFTWARE_TOKEN_MFA: 'SOFTWARE_TOKEN_MFA_CODE',
  SMS_MFA: 'SMS_MFA_CODE',
  EMAIL_OTP: 'EMAIL_OTP_CODE',
};
/** More than any pool asks one after the other. */
const MOST_CHALLENGES = 6;

/** Answers challenge after challenge, until the pool gives tokens. Throws `SignInFailed` at one that cannot be answered here. */
export async function answerChallenges(
  pool: UserPoolCalls,
  first: PoolAnswer,
  person: Person,
): Promise<NonNullable<PoolAnswer['AuthenticationResult']>> {
  let [answer, user] = [first, person.user];
  for (let asked = 0; asked < MOST_CHALLENGES; asked++) {
    if (answer.AuthenticationResult !== undefined) return answer.AuthenticationResult;
    // The pool may know the person by another name than they gave, such as their e-mail address; it need not say so twice.
    const { USERNAME, USER_ID_FOR_SRP } = answer.ChallengeParameters ?? {};
    user = USERNAME ?? USER_ID_FOR_SRP ?? user;
    answer = await pool.respondToAuthChallenge(await responseTo(pool, answer, { ...person, user }));
  }
  throw new BreakwaterError('SignInFailed', 'the user pool asks on and on');
}

async function responseTo(
  pool: UserPoolCalls,
  { ChallengeName: name, ChallengeParameters: parameters = {}, Session: session }: PoolAnswer,
  { user: USERNAME, clientId, prove, ask }: Person,
): Promise<Parameters<UserPoolCalls['respondToAuthChallenge']>[0]> {
  const common = { ClientId: clientId, ChallengeName: name, Session: session };
  if (name === 'PASSWORD_VERIFIER') {
    const { SALT: salt = '', SRP_B: serverValue = '', SECRET_BLOCK: secretBlock = '' } = parameters;
    const { timestamp, signature } = prove({
      userId: parameters['USER_ID_FOR_SRP'] ?? USERNAME,
      salt,
      serverValue,
      secretBlock,
    });
    const proof = { PASSWORD_CLAIM_SECRET_BLOCK: secretBlock, PASSWORD_CLAIM_SIGNATURE: signature };
    return { ...common, ChallengeResponses: { USERNAME, TIMESTAMP: timestamp, ...proof } };
  }
  if (name === 'NEW_PASSWORD_REQUIRED') {
    const NEW_PASSWORD = await ask({ kind: 'newPassword' });
    return { ...common, ChallengeResponses: { USERNAME, NEW_PASSWORD } };
  }
  if (name === 'MFA_SETUP') {
    const Session = await setUpAuthenticator(pool, session, { user: USERNAME, ask });
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
