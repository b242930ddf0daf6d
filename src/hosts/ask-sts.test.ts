import { expect, test } from 'vitest';
import { askStsOf } from './ask-sts.ts';

const proof = {
  url: 'https://sts.eu-west-1.amazonaws.com/',
  headers: { host: 'x', 'x-amz-date': 'd' },
  body: 'b',
};
const real = { aws: { services: {}, region: 'eu-west-1', accounts: async () => null } };

function sts(status: number, text: string) {
  const sent: RequestInit[] = [];
  const ask = askStsOf(real, (async (_url: string, init: RequestInit) => {
    sent.push(init);
    return new Response(text, { status });
  }) as typeof fetch);
  return { ask, sent };
}

const ANSWER =
  '<GetCallerIdentityResponse><GetCallerIdentityResult>\n<Arn>arn:aws:iam::1:user/a</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>';

test('the proof goes to STS as it was signed, follows no redirect, and its ARN comes back', async () => {
  const { ask, sent } = sts(200, ANSWER);
  await expect(ask(proof)).resolves.toEqual({ arn: 'arn:aws:iam::1:user/a' });
  expect(sent[0]).toMatchObject({
    method: 'POST',
    body: 'b',
    redirect: 'error',
    headers: { 'x-amz-date': 'd' },
  });
  expect(sent[0]!.headers).not.toHaveProperty('host');
});

test('a refusal proves nobody; trouble of STS is not the fault of the caller', async () => {
  await expect(sts(403, '<Error/>').ask(proof)).rejects.toMatchObject({ code: 'Unauthenticated' });
  await expect(sts(200, '<Arn>arn:aws:iam::1:user/a</Arn>').ask(proof)).rejects.toMatchObject({
    code: 'Unauthenticated',
  });
  await expect(sts(503, '').ask(proof)).rejects.toMatchObject({ code: 'AwsUnreachable' });
});

test('a simulated AWS in this process, which checks no signature, is not asked', async () => {
  const simulated = { aws: { ...real.aws, requestHandler: {} as never } };
  const ask = askStsOf(simulated, () => expect.unreachable('sent'));
  await expect(ask(proof)).rejects.toMatchObject({ code: 'Unauthenticated' });
});
