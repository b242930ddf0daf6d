import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { performDirectly, type DirectAlias } from './direct.ts';
import type { LambdaApi } from './open-api.ts';
import { lambdaApi } from './testing/lambda-world.ts';

const breakGlass: DirectAlias = { name: 'break-glass', role: 'Admin' };
const trigger: DirectAlias = {
  name: 'trigger',
  role: 'RecoveryManager',
  only: ['startExecution', 'getExecution', 'fireTrigger'],
};
const group = { groupId: 'db', name: 'Databases', tags: { Tier: 'db' } };

let api: LambdaApi;
beforeEach(async () => void (api = await lambdaApi()));
afterEach(() => void vi.restoreAllMocks());

// oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects of an answer
type Answer = { status: number; body: any; revision?: number };
const invoke = async (event: Json, alias = breakGlass): Promise<Answer> =>
  (await performDirectly(api, alias, event)) as Answer;

test('an operation is performed with its body, answers its revision, and takes one for a change', async () => {
  const made = await invoke({ operation: 'createProtectionGroup', body: group });
  expect(made).toMatchObject({ status: 201, body: { groupId: 'db' }, revision: 1 });
  const at = { params: { groupId: 'db' }, ifMatch: 1 };
  const changed = { operation: 'updateProtectionGroup', ...at, body: { ...group, name: 'All' } };
  expect(await invoke(changed)).toMatchObject({ status: 200, body: { name: 'All' }, revision: 2 });
  expect(await invoke(changed)).toMatchObject({ status: 412, body: { code: 'PreconditionFailed' } });
  expect(await invoke({ operation: 'deleteProtectionGroup', ...at, ifMatch: 2 })).toEqual({ status: 204 });
});

test('what was done is in the audit trail under the name that the caller gives, or that of the alias', async () => {
  await invoke({ operation: 'createProtectionGroup', body: group, by: 'ana@example.com' });
  await invoke({ operation: 'deleteProtectionGroup', params: { groupId: 'db' }, ifMatch: 1 });
  const { body } = await invoke({ operation: 'listAudit', query: { limit: 10 } });
  expect(
    body.records.map(({ record }: { record: Record<string, Json> }) => [record['action'], record['by']]),
  ).toEqual([
    ['group.create', 'invoke:ana@example.com'],
    ['group.delete', 'invoke:break-glass'],
  ]);
});

test('of an answer only those members come that are picked, and of a refusal all', async () => {
  const create = { operation: 'createProtectionGroup', body: group, pick: ['groupId', 'none'] };
  expect(await invoke(create)).toEqual({ status: 201, body: { groupId: 'db' }, revision: 1 });
  expect(await invoke(create)).toMatchObject({ status: 409, body: { detail: expect.any(String) } });
});

test('text comes as text, and a page by its query', async () => {
  const metrics = await invoke({ operation: 'getMetrics' });
  expect(metrics.body).toContain('breakwater_executions_unfinished');
  await invoke({ operation: 'createProtectionGroup', body: group });
  await invoke({ operation: 'createProtectionGroup', body: { ...group, groupId: 'web' } });
  const page = await invoke({ operation: 'listProtectionGroups', query: { limit: 1 } });
  expect(page.body.protectionGroups).toHaveLength(1);
  expect(page.body.nextCursor).toEqual(expect.any(String));
});

describe('a refusal', () => {
  test.each([
    {
      name: 'an operation that is none names the nearest',
      event: { operation: 'startExecutoin' },
      status: 404,
      detail: 'there is no operation "startExecutoin"; did you mean startExecution?',
    },
    {
      name: 'an operation that is like no other',
      event: { operation: 'xyz' },
      status: 404,
      detail: expect.stringMatching(
        /^there is no operation "xyz"; there are actAtGate, cancelExecution, .*, startExecution, .*, verifyAudit$/,
      ),
    },
    {
      name: 'an event with an unknown member',
      event: { operation: 'getMe', principal: 'root' },
      status: 400,
      detail: 'the event is not as expected: principal: unknown field "principal"',
    },
    {
      name: 'a parameter of the path that is missing, and one too many',
      event: { operation: 'getExecution', params: { id: 'a' } },
      status: 400,
      detail:
        'the params are not as expected: params.executionId: missing; params.id: not expected; the path is /executions/{executionId}',
    },
    {
      name: 'a parameter that would lead elsewhere',
      event: { operation: 'getExecution', params: { executionId: '..' } },
      status: 400,
      detail: 'the params are not as expected: params.executionId: no id',
    },
    {
      name: 'a parameter with a path in it stays one parameter',
      event: { operation: 'getExecution', params: { executionId: '../tokens' } },
      status: 404,
      detail: 'there is no execution "../tokens"',
    },
    {
      name: 'a body that is not as the operation expects',
      event: { operation: 'createProtectionGroup', body: { groupId: 'db', wrong: 1 } },
      status: 400,
      detail: expect.stringContaining('the body is not as expected'),
    },
    {
      name: 'a parameter that is to come from the body and is no text there',
      event: {
        operation: 'fireTrigger',
        paramsFromBody: { triggerId: 'detail.triggerId' },
        body: { id: 'e', detail: { triggerId: { a: 1 } } },
      },
      status: 400,
      detail: 'the params are not as expected: params.triggerId: no text at detail.triggerId of the body',
    },
    {
      name: 'a parameter that is to come from no member of the body',
      event: {
        operation: 'fireTrigger',
        paramsFromBody: { triggerId: 'constructor.name' },
        body: { id: 'e' },
      },
      status: 400,
      detail: 'the params are not as expected: params.triggerId: no text at constructor.name of the body',
    },
    {
      name: 'no event',
      event: null,
      status: 400,
      detail: 'the event is not as expected: expected a mapping, found nothing',
    },
  ])('of $name is an answer', async ({ event, status, detail }) => {
    expect(await invoke(event as Json)).toMatchObject({ status, body: { status, detail } });
  });

  test('is thrown under its code, with what to do, where the caller must hear of it', async () => {
    const event = { operation: 'getExecution', params: { executionId: 'none' }, mustSucceed: true };
    await expect(invoke(event)).rejects.toMatchObject({
      name: 'ExecutionNotFound',
      message: expect.stringMatching(
        /^there is no execution "none"\. List executions with `breakwater executions list`\. \(status 404, request [\w-]{36}\)$/,
      ),
    });
    await expect(invoke({ mustSucceed: true })).rejects.toMatchObject({ name: 'RequestInvalid' });
  });
});

test('what fails inside is in the log under the id that the answer names, and not in the answer', async () => {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  api = {
    ...api,
    ask: async () => {
      throw new BreakwaterError('Bug', 'the word is swordfish');
    },
  };
  const { status, body } = await invoke({ operation: 'getMe' });
  expect([status, body.code, JSON.stringify(body).includes('swordfish')]).toEqual([500, 'Bug', false]);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'ERROR', where: `request ${body.requestId}`, message: 'the word is swordfish' },
  ]);
});

describe('the alias for triggers', () => {
  test('performs nothing but its operations, and the refusal is in the audit trail', async () => {
    const refused = await invoke({ operation: 'listTokens', by: 'ssm/automation-1' }, trigger);
    const why =
      'the alias trigger performs startExecution, getExecution, fireTrigger, and not listTokens: that is for break-glass';
    expect(refused).toMatchObject({ status: 403, body: { code: 'Forbidden', detail: why } });
    const { records } = await api.platform.audit.list({});
    expect(records.map(({ record }) => record)).toMatchObject([
      { action: 'auth.forbidden', by: 'invoke:ssm/automation-1', target: 'route/listTokens' },
    ]);
  });

  test.each([
    'region-down',
    'x"},"operation":"startExecution","x":{"y":"',
    String.raw`x\","by":"ana`,
    '../tokens',
    'a/events?b=c#d',
    '%2e%2e',
    '\ud800',
  ])('takes the id of a trigger from the event, and there is none of the id %j', async (triggerId) => {
    const event = {
      operation: 'fireTrigger',
      paramsFromBody: { triggerId: 'detail.triggerId' },
      body: { id: 'event-1', detail: { triggerId } },
      mustSucceed: true,
    };
    const message = expect.stringMatching(/^(there is no trigger|the params are not as expected)/);
    await expect(invoke(event, trigger)).rejects.toMatchObject({ message });
  });

  test.each(['drill', 'recovery'])('may start a %s', async (mode) => {
    const body = { planId: 'web', mode };
    const answer = await invoke({ operation: 'startExecution', body }, trigger);
    expect(answer).toMatchObject({ status: 404, body: { code: 'NotFound' } });
  });
});

test('requests that are under way at once are each who they are', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `caller-${index}`);
  const answers = await Promise.all(names.map((by) => invoke({ operation: 'getMe', by })));
  expect(answers.map(({ body }) => body.id)).toEqual(names.map((name) => `invoke:${name}`));
});
