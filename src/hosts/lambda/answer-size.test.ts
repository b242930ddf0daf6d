import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { defineRoute } from '#api/route.ts';
import { z } from 'zod';
import { performDirectly } from './direct.ts';
import { answerGateway } from './gateway.ts';
import { insideOf } from './inside.ts';
import { gatewayEvent } from './testing/gateway-events.ts';
import { lambdaApi } from './testing/lambda-world.ts';

/** The API with one route more, whose answer is this text. */
async function answering(text: string) {
  const api = await lambdaApi({ environment: { AUTH_MODE: 'iam' } });
  const route = defineRoute({
    method: 'GET',
    path: '/large',
    permission: 'public',
    operationId: 'getLarge',
    tag: 'Test',
    summary: 'Large',
    responses: { 200: z.object({ text: z.string() }) },
    handle: async () => ({
      status: 200,
      body: { text },
      revision: 7,
      headers: { 'content-disposition': 'attachment' },
    }),
  });
  const routes = [route];
  return { ...api, routes, ask: await insideOf({ ...api, routes }) };
}

const alias = { name: 'break-glass', role: 'Admin' } as const;
const getLarge = { operation: 'getLarge' };

test('by API Gateway, an answer that Lambda would not hand over is a problem that says so and what to do', async () => {
  // Quotation marks become two characters within the function's own answer: 3.2 MB are 6.4.
  const api = await answering('"'.repeat(1_600_000));
  const answer = await answerGateway(api, gatewayEvent({ path: '/large' }));
  expect(answer.statusCode).toBe(413);
  expect(answer.multiValueHeaders).toMatchObject({
    'content-type': ['application/problem+json'],
    'x-request-id': ['gateway-request-id'],
  });
  expect(answer.multiValueHeaders).not.toHaveProperty('content-disposition');
  expect(JSON.parse(answer.body)).toEqual({
    type: 'urn:breakwater:error:AnswerTooLarge',
    title: 'answer too large',
    status: 413,
    detail: 'the request was carried out, but its answer has 6.4 MB, and AWS Lambda hands over 6 MB at most',
    code: 'AnswerTooLarge',
    remedy:
      'Ask for a part, where there are pages; or invoke the function directly, which packs it: docs/api.md says how.',
    requestId: 'gateway-request-id',
  });
});

test('an answer that fits goes as it is', async () => {
  const api = await answering('x'.repeat(5_900_000));
  const answer = await answerGateway(api, gatewayEvent({ path: '/large' }));
  expect([answer.statusCode, answer.body.length]).toEqual([200, 5_900_011]);
  expect(await performDirectly(api, alias, getLarge)).toMatchObject({ status: 200, revision: 7 });
});

test('by direct invoke, a large answer comes packed', async () => {
  const api = await answering('x'.repeat(20_000_000));
  const { bodyGzip, ...rest } = await performDirectly(api, alias, getLarge);
  expect(rest).toEqual({ status: 200, revision: 7 });
  const text = gunzipSync(Buffer.from(bodyGzip!, 'base64')).toString();
  expect(text).toBe(`{"text":"${'x'.repeat(20_000_000)}"}`);
});

test('by direct invoke, an answer that is too large even packed is a problem', async () => {
  const api = await answering(randomBytes(6_000_000).toString('base64'));
  const answer = await performDirectly(api, alias, getLarge);
  expect(answer).toMatchObject({ status: 413, body: { code: 'AnswerTooLarge' } });
  await expect(performDirectly(api, alias, { ...getLarge, mustSucceed: true })).rejects.toMatchObject({
    name: 'AnswerTooLarge',
  });
});
