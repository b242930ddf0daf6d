import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { statusOf } from '../../src/api/problem.ts';
import type { ErrorCode } from '../../src/core/error-codes.ts';
import { HAS_PYTHON, runPython } from '../../test/support/python.ts';
import { gatewayDocument, type GatewayParams } from '../src/gateway/document.ts';
import { modelOf } from '../src/gateway/models.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const FUNCTION = 'arn:aws:lambda:eu-central-1:111122223333:function:breakwater-api:gateway';
const URI = `arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`;
const USERS = 'arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_A1b2C3d4E';

const api = inject('api');
const gateway = (params: Partial<GatewayParams> = {}) =>
  gatewayDocument({
    api,
    identity: { userPoolArn: USERS },
    asksForKey: false,
    integrationUri: URI,
    ...params,
  });

interface Method {
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Method>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
  readonly 'x-amazon-apigateway-gateway-responses': Readonly<Record<string, GatewayResponse>>;
}
interface GatewayResponse {
  readonly statusCode: number;
  readonly responseParameters: Readonly<Record<string, string>>;
  readonly responseTemplates: Readonly<Record<string, string>>;
}
const documentOf = (params?: Partial<GatewayParams>): Document => gateway(params).document as Document;
const methodsOf = ({ paths }: Document): [string, Method][] =>
  Object.entries(paths).flatMap(([at, methods]) =>
    Object.entries(methods).map(([method, one]): [string, Method] => [`${method.toUpperCase()} ${at}`, one]),
  );

/** As the routes have them (`permission: 'public'`); the description says so by asking for no identity. */
const PUBLIC = ['POST /approvals/links/use', 'GET /health', 'GET /ready'];
const described = Object.entries(api.paths).flatMap(([at, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${at}`,
    isPublic: (operation as unknown as Method).security.length === 0,
  })),
);

const expectedNames = [...described.map(({ name }) => name), 'GET /openapi.json'];

describe('the description for API Gateway', () => {
  test('has every method of every route, the description that refusals point to, and no other', () => {
    const names = methodsOf(documentOf()).map(([name]) => name);
    expect(names.length).toBeGreaterThan(80);
    expect(names).toEqual(expectedNames);
  });

  test.each([
    { what: 'a token of the user pool', params: {}, scheme: { cognito: [] } },
    { what: 'a signature', params: { identity: 'iam' as const }, scheme: { sigv4: [] } },
    {
      what: 'a token and a key',
      params: { asksForKey: true },
      scheme: { cognito: [], api_key: [] },
      publicScheme: [{ api_key: [] }],
    },
  ])('asks for $what everywhere but where routes are public', ({ params, scheme, publicScheme = [] }) => {
    const methods = methodsOf(documentOf(params));
    const isPublic = ([name]: [string, Method]): boolean => PUBLIC.includes(name);
    expect(described.filter((one) => one.isPublic).map(({ name }) => name)).toEqual(PUBLIC);
    expect(methods.filter(isPublic).map(([, { security }]) => security)).toEqual(
      PUBLIC.map(() => publicScheme),
    );
    const others = methods
      .filter((one) => !isPublic(one))
      .map(([, { security }]) => JSON.stringify(security));
    expect(new Set(others)).toEqual(new Set([JSON.stringify([scheme])]));
  });

  test('says where it asks for less than the function does', async () => {
    await expect(`${gateway().loosened.join('\n')}\n`).toMatchFileSnapshot('snapshots/gateway-loosened.txt');
  });

  test('asks for the parameters that must be there', () => {
    const required = methodsOf(documentOf()).flatMap(([name, { parameters }]) =>
      parameters.filter((one) => one.required && one.in !== 'path').map((one) => `${name} ${one.name}`),
    );
    expect(required).toEqual([
      'GET /recovery-plans/{planId}/diff from',
      'GET /recovery-plans/{planId}/diff to',
    ]);
  });

  test('stays within the limits of API Gateway', () => {
    const document = documentOf();
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
    expect(JSON.stringify(document).length).toBeLessThan(6_000_000);
    for (const [name, model] of Object.entries(document.components.schemas)) {
      expect(name).toMatch(/^[A-Za-z0-9]+$/);
      expect(JSON.stringify(model).length).toBeLessThan(400_000);
    }
    const resources = new Set(
      Object.keys(document.paths).flatMap((at) =>
        at.split('/').map((_, i, all) => all.slice(0, i + 1).join('/')),
      ),
    );
    expect(resources.size).toBeLessThan(300);
    for (const at of resources) expect(at).toMatch(/^(\/([\w.,:-]+|\{\w+\}))*$/);
    // It takes one name of a parameter at one place.
    const variables = [...resources].filter((at) => at.endsWith('}'));
    expect(new Set(variables.map((at) => at.slice(0, at.lastIndexOf('/')))).size).toBe(variables.length);
  });
});

describe('what API Gateway answers by itself', () => {
  const responses = (identity: GatewayParams['identity']) =>
    Object.entries(documentOf({ identity })['x-amazon-apigateway-gateway-responses']);

  test.each(responses('iam'))('%s is a problem in our shape', (_, response) => {
    const { statusCode, responseParameters, responseTemplates } = response;
    const text = responseTemplates['application/json']!.replace('$context.error.messageString', '"Invalid"');
    const problem = JSON.parse(text) as Record<string, unknown>;
    expect(Object.keys(problem)).toEqual([
      'type',
      'title',
      'status',
      'detail',
      'code',
      'remedy',
      'requestId',
    ]);
    expect(problem).toMatchObject({ status: statusCode, requestId: '$context.requestId' });
    expect(statusOf(problem['code'] as ErrorCode)).toBe(statusCode);
    expect(problem['detail']).not.toBe('');
    expect(responseParameters['gatewayresponse.header.Content-Type']).toBe("'application/problem+json'");
  });

  test('says of a path that is not there what the server says, where no signature is asked', () => {
    const status = (identity: GatewayParams['identity']): number =>
      Object.fromEntries(responses(identity))['MISSING_AUTHENTICATION_TOKEN']!.statusCode;
    expect([status({ userPoolArn: USERS }), status('iam')]).toEqual([404, 401]);
  });
});

describe('a model', () => {
  test('fails on what nobody has thought about', () => {
    const loosened = (): void => {};
    expect(() => modelOf({ type: ['string', 'null'] }, 'Plan.note', loosened)).toThrow(
      'Plan.note: API Gateway has no word for type ["string","null"]',
    );
    expect(() => modelOf({ exclusiveMinimum: 3 } as never, 'Plan.n', loosened)).toThrow(
      'Plan.n: API Gateway has no word for exclusiveMinimum 3',
    );
  });
});

/** The requests that docs/api.md shows, and the example of a plan; by operation, of those whose bodies have a model. */
function examples(): Record<string, unknown[]> {
  const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
  const found: Record<string, unknown[]> = { createPlan: [parse(read('examples/core-banking/plan.yaml'))] };
  const shown = read('docs/api.md').matchAll(/\$U(\/\S*)(?:[^\n]|\\\n)*? -d '(\{(?:[^']|'\$\w')*\})'/g);
  for (const [, to, body] of shown) {
    const fitting = Object.keys(api.paths).filter((one) =>
      new RegExp(`^${one.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(to!),
    );
    const at = fitting.find((one) => one === to) ?? fitting[0];
    const { post, put } = documentOf().paths[at!] as Record<string, Method & { requestBody?: object }>;
    const taker = [post, put].find((one) => one?.requestBody !== undefined);
    if (taker !== undefined)
      (found[taker.operationId] ??= []).push(JSON.parse(body!.replaceAll(/'\$\w'/g, 'of-the-page')));
  }
  return found;
}

describe.runIf(HAS_PYTHON)('by programs that are not ours', () => {
  let proof: Record<string, unknown>;
  const bodies = examples();

  beforeAll(() => {
    const given = { description: api, document: documentOf(), bodies };
    proof = runPython(path.join(import.meta.dirname, 'proof/gateway.py'), given) as typeof proof;
  });

  test('there are requests to try of most bodies that have a model', () => {
    expect(Object.keys(bodies).length).toBeGreaterThan(12);
    expect(bodies).toHaveProperty('startExecution.0.planId', 'core-banking');
  });

  test('an API Gateway that imports the description has our methods, all through the one alias', () => {
    const expected = expectedNames.map((name) => `${name} aws_proxy ${URI}`);
    expect((proof['methods'] as string[]).toSorted()).toEqual(expected.toSorted());
  });

  test('the requests that the documents show are taken', () => {
    expect(proof['refused']).toEqual([]);
  });

  test('the models refuse nothing that the description allows, and otherwise miss only what is known', () => {
    expect(proof['stricter']).toEqual([]);
    expect(proof['tried']).toBe(400 * Object.keys(bodies).length);
    expect(proof['bothRefuse']).toBeGreaterThan(500);
    const known = new Set(['propertyNames', 'format', 'minLength', 'maxLength', 'pattern']);
    expect((proof['looser'] as string[]).filter((keyword) => !known.has(keyword))).toEqual([]);
  });
});
