import { afterEach, expect, test, vi } from 'vitest';
import { ownCredentials } from './own-credentials.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' };

afterEach(() => void vi.unstubAllEnvs());

test('credentials that are given are the caller’s own', async () => {
  expect(await ownCredentials({ region: 'us-west-2', credentials: KEYS })()).toEqual(KEYS);
});

test('else they are those of the environment, as the SDK finds them', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', KEYS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', KEYS.secretAccessKey);
  vi.stubEnv('AWS_SESSION_TOKEN', 'session');
  vi.stubEnv('AWS_PROFILE', undefined);
  const found = await ownCredentials({ region: 'us-west-2' })();
  expect(found).toMatchObject({ ...KEYS, sessionToken: 'session' });
});

test('without any the error says so', async () => {
  for (const name of [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_PROFILE',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  ])
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere/config');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere/credentials');
  await expect(ownCredentials({ region: 'us-west-2' })()).rejects.toMatchObject({
    code: 'AwsCredentialsMissing',
  });
});
