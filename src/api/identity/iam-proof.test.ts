import { IdentitySettings } from '#control/identity-settings.ts';
import { createSimulation, parseScenario } from '#sim/index.ts';
import { virtualClock } from '#clocks/virtual.ts';
import { askStsOf } from '#hosts/ask-sts.ts';
import type { Estate } from '#hosts/local/estate.ts';
import { afterEach, expect, test } from 'vitest';
import type { IamProof } from './iam-proof.ts';
import { iamProofOf, type ProofParams } from '#aws/iam-proof-of.ts';
import { identityFor, NOON, REFUSED } from './testing.ts';

const ACCOUNT = '111111111111';
const MAPPINGS = [
  { arn: `arn:aws:iam::${ACCOUNT}:role/dr-*`, roles: ['RecoveryManager'] },
  { arn: `arn:aws:iam::${ACCOUNT}:role/teams/core/ops`, roles: ['Operator'] },
  { arn: `arn:aws:iam::${ACCOUNT}:user/*`, roles: ['Admin'] },
];
const PARAMS: ProofParams = {
  credentials: { accessKeyId: 'AKIAX', secretAccessKey: 'hush-hush' },
  region: 'eu-west-1',
  serverId: 'bw-1',
  now: NOON,
};

function world(arn = `arn:aws:sts::${ACCOUNT}:assumed-role/dr-lead/ana`) {
  const asked: IamProof[] = [];
  const settings = IdentitySettings.parse({ iam: { mappings: MAPPINGS } });
  const askSts = async (proof: IamProof) => {
    asked.push(proof);
    return { arn };
  };
  const identity = identityFor({ settings, askSts });
  return {
    ...identity,
    asked,
    settings,
    present: async (proof: string | Promise<string>) =>
      identity.login({ 'x-breakwater-iam-proof': await proof }),
  };
}

/** The proof with something changed after it was signed. */
async function changed(
  change: (proof: IamProof) => object,
  params: Partial<ProofParams> = {},
): Promise<string> {
  const proof = JSON.parse(
    Buffer.from(await iamProofOf({ ...PARAMS, ...params }), 'base64url').toString(),
  ) as IamProof;
  return Buffer.from(JSON.stringify({ ...proof, ...change(proof) })).toString('base64url');
}

test('a session of a mapped role has the roles of the role', async () => {
  const { present } = world();
  expect(await present(iamProofOf(PARAMS))).toEqual({
    id: `arn:aws:iam::${ACCOUNT}:role/dr-lead`,
    kind: 'iam',
    name: 'dr-lead/ana',
    roles: ['RecoveryManager'],
  });
});

test.each([
  { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ops/bob`, roles: ['Operator'] },
  { arn: `arn:aws:iam::${ACCOUNT}:user/eve`, roles: ['Admin'] },
])('$arn has $roles', async ({ arn, roles }) => {
  expect((await world(arn).present(iamProofOf(PARAMS))).roles).toEqual(roles);
});

test.each([
  { arn: 'arn:aws:sts::999999999999:assumed-role/dr-lead/ana' },
  { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/xdr-lead/ana` },
  { arn: `arn:aws:iam::${ACCOUNT}:user/path/eve` },
  { arn: `arn:aws:iam::${ACCOUNT}:root` },
])('$arn is mapped to nothing and refused', async ({ arn }) => {
  await expect(world(arn).present(iamProofOf(PARAMS))).rejects.toMatchObject(REFUSED);
});

test.each([
  { what: 'is for another server', proof: iamProofOf({ ...PARAMS, serverId: 'bw-2' }) },
  { what: 'is older than five minutes', proof: iamProofOf({ ...PARAMS, now: NOON - 301_000 }) },
  { what: 'is from the future', proof: iamProofOf({ ...PARAMS, now: NOON + 301_000 }) },
  { what: 'was signed before the server started', proof: iamProofOf({ ...PARAMS, now: NOON - 1_000 }) },
  { what: 'is for another host', proof: iamProofOf({ ...PARAMS, host: 'sts.evil.com' }) },
  {
    what: 'is for a host that looks like STS',
    proof: iamProofOf({ ...PARAMS, host: 'sts.amazonaws.com.evil.com' }),
  },
  { what: 'is not over TLS', proof: iamProofOf({ ...PARAMS, protocol: 'http' }) },
  {
    what: 'asks for something else',
    proof: changed(() => ({ body: 'Action=GetSessionToken&Version=2011-06-15' })),
  },
  { what: 'goes to another path', proof: changed(({ url }) => ({ url: `${url}?x=1` })) },
  {
    what: 'goes to another host than it signed',
    proof: changed(() => ({ url: 'https://sts.amazonaws.com/' })),
  },
  {
    what: 'does not sign the server',
    proof: changed(({ headers }) => ({
      headers: { ...headers, authorization: headers['authorization']!.replace(';x-breakwater-server', '') },
    })),
  },
  {
    what: 'names the server twice',
    proof: changed(({ headers }) => ({ headers: { 'X-Breakwater-Server': 'bw-2', ...headers } })),
  },
  {
    what: 'signs a header that could change the answer',
    proof: changed(({ headers }) => ({
      headers: {
        ...headers,
        accept: 'x',
        authorization: headers['authorization']!.replace('=amz', '=accept;amz'),
      },
    })),
  },
  { what: 'is no proof at all', proof: 'hush-hush' },
])('a proof that $what is refused, and STS not asked', async ({ proof }) => {
  const { present, asked, trail } = world();
  await expect(present(proof)).rejects.toMatchObject(REFUSED);
  expect(asked).toEqual([]);
  expect(trail).toHaveLength(1);
});

test('a proof is good once, also after settings have changed', async () => {
  const { present, current, asked } = world();
  const proof = iamProofOf(PARAMS);
  await present(proof);
  await expect(present(proof)).rejects.toMatchObject(REFUSED);
  current.revision++;
  await expect(present(proof)).rejects.toMatchObject(REFUSED);
  expect(asked).toHaveLength(1);
});

test('two proofs of the same moment are two, since commands send several requests a second', async () => {
  const { present } = world();
  await present(iamProofOf(PARAMS));
  await expect(present(iamProofOf(PARAMS))).resolves.toBeDefined();
});

test('a server whose STS checks no signatures says that it refuses all proofs, and only that it says', async () => {
  const settings = IdentitySettings.parse({ iam: { mappings: MAPPINGS } });
  const askSts = askStsOf({ aws: { requestHandler: {} } } as unknown as Estate, fetch);
  const { login, trail } = identityFor({ settings, askSts });
  const present = async (proof: Promise<string>) => login({ 'x-breakwater-iam-proof': await proof });
  const message =
    'this server simulates AWS in its own process and refuses all IAM proofs: nothing there checks a signature';
  await expect(present(iamProofOf(PARAMS))).rejects.toMatchObject({ code: 'Unauthenticated', message });
  await expect(present(iamProofOf({ ...PARAMS, serverId: 'bw-2' }))).rejects.toMatchObject(REFUSED);
  expect(trail[0]!.data['why']).toBe(message);
});

test('what was not signed is not sent on', async () => {
  const { present, asked } = world();
  await present(changed(({ headers }) => ({ headers: { ...headers, 'x-forwarded-for': '1' } })));
  expect(Object.keys(asked[0]!.headers)).toEqual([
    'amz-sdk-invocation-id',
    'content-type',
    'x-breakwater-server',
    'host',
    'x-amz-date',
    'authorization',
  ]);
});

test('a pattern under the path of a role is refused, because STS does not tell paths', () => {
  const iam = { mappings: [{ arn: `arn:aws:iam::${ACCOUNT}:role/teams/dr-*`, roles: ['Admin'] }] };
  expect(IdentitySettings.safeParse({ iam }).success).toBe(false);
});

test('an STS that cannot be asked refuses, but slows down nobody, and the proof stays good', async () => {
  const down = { is: true };
  const askSts = async () => {
    if (down.is) throw new TypeError('fetch failed');
    return { arn: `arn:aws:iam::${ACCOUNT}:user/eve` };
  };
  const { login } = identityFor({
    settings: IdentitySettings.parse({ iam: { mappings: MAPPINGS } }),
    askSts,
  });
  const present = async () => login({ 'x-breakwater-iam-proof': await iamProofOf(PARAMS) });
  for (let i = 0; i < 20; i++) await expect(present()).rejects.toMatchObject(REFUSED);
  down.is = false;
  expect((await present()).roles).toEqual(['Admin']);
});

let close = async () => {};
afterEach(() => close());

test('simulated STS believes a proof, and neither a wrong secret nor a changed server', async () => {
  const scenario = parseScenario({
    name: 'one account',
    seed: 1,
    startsAt: '2026-03-01T12:00:00Z',
    accounts: [{ accountId: ACCOUNT, regions: { 'eu-west-1': {} } }],
  });
  const simulation = createSimulation({ scenario, clock: virtualClock({ startsAt: NOON }) });
  close = () => simulation.close();
  const { port } = await simulation.listen();
  const { accessKeyId, secretAccessKey } = simulation.accounts[0]!;
  const host = `127.0.0.1:${port}`;
  const here = { ...PARAMS, host, protocol: 'http' as const, credentials: { accessKeyId, secretAccessKey } };
  const settings = IdentitySettings.parse({ iam: { mappings: MAPPINGS, hosts: [host] } });
  const { login } = identityFor({ settings, askSts: askStsOf({ aws: {} } as Estate, fetch) });
  const present = async (proof: Promise<string>) => login({ 'x-breakwater-iam-proof': await proof });
  expect((await present(iamProofOf(here))).roles).toEqual(['Admin']);
  const wrong = { ...here, credentials: { accessKeyId, secretAccessKey: 'wrong' } };
  await expect(present(iamProofOf(wrong))).rejects.toMatchObject(REFUSED);
  const forOther = { ...here, serverId: 'bw-2' };
  const moved = changed(
    ({ headers }) => ({ headers: { ...headers, 'x-breakwater-server': 'bw-1' } }),
    forOther,
  );
  await expect(present(moved)).rejects.toMatchObject(REFUSED);
});
