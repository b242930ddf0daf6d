import type { JsonObject } from '#core/json.ts';
import type { Cloud } from './cloud.ts';
import { done } from './play.ts';

/** What people keep, each by the operations of its kind. */
const DOCUMENTS: readonly { readonly noun: string; readonly idName: string; readonly value: JsonObject }[] = [
  {
    noun: 'ProtectionGroup',
    idName: 'groupId',
    value: { groupId: 'pg-web', name: 'Web', tags: { App: 'web' } },
  },
  {
    noun: 'TargetAccount',
    idName: 'accountId',
    value: {
      accountId: '444455556666',
      name: 'Bank',
      roleArn: 'arn:aws:iam::444455556666:role/BreakwaterTarget',
      regions: ['eu-west-1'],
    },
  },
  {
    noun: 'Plan',
    idName: 'planId',
    value: {
      planId: 'plan-web',
      name: 'Web',
      waves: [
        {
          waveNumber: 1,
          name: 'Servers',
          technologies: [{ type: 'drs', operation: 'recovery', resources: { protectionGroups: ['pg-web'] } }],
        },
      ],
    },
  },
  {
    noun: 'Trigger',
    idName: 'triggerId',
    value: {
      triggerId: 'outage',
      planId: 'plan-web',
      mode: 'drill',
      eventPattern: { source: ['aws.health'] },
    },
  },
];

/** Makes one of each kind, which a second time is refused, lists and reads them, and takes them away, the last one first. */
export async function keepDocuments(cloud: Cloud): Promise<void> {
  const revisions = new Map<string, number>();
  for (const { noun, idName, value } of DOCUMENTS) {
    await done(cloud, { operation: `create${noun}`, body: value });
    const again = await cloud.ask({ operation: `create${noun}`, body: value });
    if (again.status !== 409) throw new TypeError(`${noun} was made twice: ${again.status}`);
    const listed = await done(cloud, { operation: `list${noun}s` });
    if (!JSON.stringify(listed).includes(value[idName] as string))
      throw new TypeError(`${noun} is not listed: ${JSON.stringify(listed)}`);
    const { revision } = await cloud.ask({ operation: `get${noun}`, params: { [idName]: value[idName]! } });
    revisions.set(noun, revision!);
  }
  for (const { noun, idName, value } of DOCUMENTS.toReversed())
    await done(cloud, {
      operation: `delete${noun}`,
      params: { [idName]: value[idName]! },
      ifMatch: revisions.get(noun)!,
    });
}
