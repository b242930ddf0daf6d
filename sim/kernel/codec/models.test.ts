import { describe, expect, test } from 'vitest';
import { ServiceError } from '../contract.ts';
import { toWireError } from '../wire-errors.ts';
import { MODELS } from './models.ts';
import type { ServiceModel } from './model.ts';
import { PROTOCOLS } from './protocols.ts';
import { clientModule, clientOf, sendTo, type SdkProtocol } from './testing.ts';

const SHAPE_IDS: Record<ServiceModel['protocol'], string> = {
  awsJson1_0: 'aws.protocols#awsJson1_0',
  awsJson1_1: 'aws.protocols#awsJson1_1',
  awsQuery: 'aws.protocols#awsQuery',
  ec2Query: 'aws.protocols#ec2Query',
  restXml: 'aws.protocols#restXml',
  restJson1: 'aws.protocols#restJson1',
};

const models = [...MODELS.values()].map((model) => ({ name: model.name, model }));
/** The DRS client has no protocol object and no schemas; an operation with a plain input stands for its errors. */
const withSchemas = models.filter(({ name }) => name !== 'drs');

test.each(withSchemas)('the model of $name agrees with what its SDK client says of itself', ({ model }) => {
  const protocol = clientOf(model, () => {
    throw new Error('never called');
  }).config.protocol as SdkProtocol;

  expect(protocol.getShapeId()).toBe(SHAPE_IDS[model.protocol]);
  if (model.target !== undefined) expect(protocol.serviceTarget).toBe(model.target);
  expect(protocol.options?.xmlNamespace).toBe(model.xmlNamespace);
});

describe('errors', () => {
  test.each([
    { service: 'rds', operation: 'FailoverDBCluster', code: 'DBClusterNotFoundFault', status: 404 },
    { service: 'rds', operation: 'RebootDBInstance', code: 'DBInstanceNotFoundFault', status: 404 },
    {
      service: 'elasticloadbalancing',
      operation: 'DescribeTargetHealth',
      code: 'TargetGroupNotFoundException',
      status: 400,
    },
    { service: 'route53', operation: 'GetHostedZone', code: 'NoSuchHostedZone', status: 404 },
    { service: 'lambda', operation: 'Invoke', code: 'ResourceNotFoundException', status: 404 },
    { service: 'ssm', operation: 'SendCommand', code: 'InvalidInstanceId', status: 400 },
    { service: 'drs', operation: 'StartRecovery', code: 'ConflictException', status: 409 },
    { service: 'drs', operation: 'StartRecovery', code: 'ServiceQuotaExceededException', status: 402 },
    { service: 'tagging', operation: 'GetResources', code: 'ThrottledException', status: 400 },
    { service: 'servicequotas', operation: 'GetServiceQuota', code: 'NoSuchResourceException', status: 400 },
    { service: 'sts', operation: 'AssumeRole', code: 'PackedPolicyTooLargeException', status: 400 },
  ])(
    '$code of $service arrives as the class of the SDK with status $status',
    async ({ service, operation, code, status }) => {
      const error = await refusedBy(
        MODELS.get(service)!,
        operation,
        new ServiceError(code, 'no <such> thing'),
      );

      expect(error).toBeInstanceOf(clientModule(MODELS.get(service)!)[code]);
      expect(error).toMatchObject({
        message: 'no <such> thing',
        $metadata: { httpStatusCode: status, requestId: 'request-1' },
      });
    },
  );

  test('an EC2 error has a free code', async () => {
    const error = await refusedBy(
      MODELS.get('ec2')!,
      'StartInstances',
      new ServiceError('IncorrectInstanceState', 'not now'),
    );

    expect(error).toMatchObject({ name: 'IncorrectInstanceState', message: 'not now' });
  });

  test('members of an error arrive beside its message: list, header and JSON member', async () => {
    const batch = await refusedBy(
      MODELS.get('route53')!,
      'ChangeResourceRecordSets',
      new ServiceError('InvalidChangeBatch', 'refused', { messages: ['one', 'two'] }),
    );
    const throttled = await refusedBy(
      MODELS.get('lambda')!,
      'Invoke',
      new ServiceError('TooManyRequestsException', 'slow down', { retryAfterSeconds: '3' }),
    );
    const quota = await refusedBy(
      MODELS.get('drs')!,
      'StartRecovery',
      new ServiceError('ServiceQuotaExceededException', 'too many', { quotaCode: 'L-B827C881' }),
    );

    expect(batch).toMatchObject({ messages: ['one', 'two'] });
    expect(throttled).toMatchObject({ retryAfterSeconds: '3' });
    expect(quota).toMatchObject({ quotaCode: 'L-B827C881' });
  });
});

const INPUTS: Record<string, object> = {
  FailoverDBCluster: { DBClusterIdentifier: 'c' },
  RebootDBInstance: { DBInstanceIdentifier: 'i' },
  DescribeTargetHealth: { TargetGroupArn: 'a' },
  GetHostedZone: { Id: 'Z1' },
  Invoke: { FunctionName: 'f' },
  SendCommand: { DocumentName: 'd' },
  StartRecovery: { sourceServers: [] },
  GetServiceQuota: { ServiceCode: 's', QuotaCode: 'q' },
  AssumeRole: { RoleArn: 'arn:aws:iam::111111111111:role/R', RoleSessionName: 'session' },
  StartInstances: { InstanceIds: ['i-1'] },
  ChangeResourceRecordSets: { HostedZoneId: 'Z1', ChangeBatch: { Changes: [] } },
};

function refusedBy(model: ServiceModel, operation: string, error: ServiceError): Promise<unknown> {
  const answer = () => PROTOCOLS[model.protocol].writeError(model, toWireError(model, error), 'request-1');
  return sendTo(model, operation, INPUTS[operation] ?? {}, answer).then(
    () => expect.fail('expected an error'),
    (caught: unknown) => caught,
  );
}
