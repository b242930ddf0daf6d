import { expect, test } from 'vitest';
import { realEstate } from './estate.ts';

test('other accounts are entered by the role that the environment names, with its external id', async () => {
  const { aws } = realEstate({
    BREAKWATER_TARGET_ROLE: 'recovery/Breakwater',
    BREAKWATER_EXTERNAL_ID: 'bank-7',
  });
  expect(await aws.accounts('111122223333')).toEqual({
    roleArn: 'arn:aws:iam::111122223333:role/recovery/Breakwater',
    externalId: 'bank-7',
  });
});

test.each([{}, { BREAKWATER_TARGET_ROLE: '' }])(
  'without a role there is no way into other accounts: %o',
  async (environment) => {
    expect(await realEstate(environment).aws.accounts('111122223333')).toBeNull();
  },
);
