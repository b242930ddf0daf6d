import type { ServiceDefinition } from './contract.ts';
import { accessKeys, roles } from './identity.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

type Account = Scenario['accounts'][number];

/** The access key of an account whose scenario names none. */
export function defaultAccessKey(accountId: string): { accessKeyId: string; secretAccessKey: string } {
  return { accessKeyId: `AKIASIMU${accountId}`, secretAccessKey: `secret-of-${accountId}` };
}

/** Creates what a scenario describes: access keys and roles, then each service's section in the order of the services. */
export function seedWorld(world: World, scenario: Scenario, services: readonly ServiceDefinition[]): void {
  const everyone = scenario.accounts.map(({ accountId }) => accountId);
  for (const account of scenario.accounts) seedIdentity(world, account, everyone);
  for (const service of services) {
    if (service.seed === undefined) continue;
    for (const account of scenario.accounts) seedService(world, account, service);
  }
}

function seedIdentity(world: World, account: Account, everyone: readonly string[]): void {
  const { accountId, denies } = account;
  const defaults = defaultAccessKey(accountId);
  const accessKeyId = account.accessKeyId ?? defaults.accessKeyId;
  accessKeys(world).put(accessKeyId, {
    accessKeyId,
    secretAccessKey: account.secretAccessKey ?? defaults.secretAccessKey,
    sessionToken: null,
    expiresAt: null,
    accountId,
    principal: `arn:aws:iam::${accountId}:user/operator`,
    denies,
  });
  for (const { name, externalId, trusts, denies: roleDenies, maxSessionSeconds } of account.roles) {
    roles(world, accountId).put(name, {
      name,
      arn: `arn:aws:iam::${accountId}:role/${name}`,
      externalId: externalId ?? null,
      trusts: trusts ?? everyone,
      denies: roleDenies,
      maxSessionSeconds,
    });
  }
}

function seedService(world: World, account: Account, service: ServiceDefinition): void {
  const { accountId } = account;
  const sections: [region: string, section: unknown][] = service.global
    ? [['global', (account as Record<string, unknown>)[service.name]]]
    : Object.entries(account.regions).map(([region, given]) => [region, given[service.name]]);
  for (const [region, section] of sections) {
    if (section !== undefined) service.seed!(world.callFor({ accountId, region }, 'aws'), section as never);
  }
}
