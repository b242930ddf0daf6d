import type { ProtocolName, ServiceModel } from './codec/model.ts';
import { ServiceError } from './contract.ts';

/** What can go wrong with a request before, or beside, the service's own logic. */
export type CommonCause =
  | 'throttled'
  | 'quotaExceeded'
  | 'accessDenied'
  | 'notSigned'
  | 'unknownKey'
  | 'badSignature'
  | 'expiredToken'
  | 'unknownOperation'
  | 'missingMember'
  | 'wrongType'
  | 'malformed'
  | 'internal';

type Answer = readonly [code: string, status: number];
type Answers = Readonly<Record<CommonCause, Answer>>;

const QUERY: Answers = {
  throttled: ['Throttling', 400],
  quotaExceeded: ['LimitExceeded', 400],
  accessDenied: ['AccessDenied', 403],
  notSigned: ['MissingAuthenticationToken', 403],
  unknownKey: ['InvalidClientTokenId', 403],
  badSignature: ['SignatureDoesNotMatch', 403],
  expiredToken: ['ExpiredToken', 403],
  unknownOperation: ['InvalidAction', 400],
  missingMember: ['ValidationError', 400],
  wrongType: ['ValidationError', 400],
  malformed: ['MalformedQueryString', 400],
  internal: ['InternalFailure', 500],
};

const EC2: Answers = {
  ...QUERY,
  throttled: ['RequestLimitExceeded', 503],
  quotaExceeded: ['InstanceLimitExceeded', 400],
  accessDenied: ['UnauthorizedOperation', 403],
  unknownKey: ['AuthFailure', 401],
  badSignature: ['AuthFailure', 401],
  expiredToken: ['RequestExpired', 400],
  missingMember: ['MissingParameter', 400],
  wrongType: ['InvalidParameterValue', 400],
  internal: ['InternalError', 500],
};

const JSON_RPC: Answers = {
  throttled: ['ThrottlingException', 400],
  quotaExceeded: ['ServiceQuotaExceededException', 400],
  accessDenied: ['AccessDeniedException', 400],
  notSigned: ['MissingAuthenticationTokenException', 400],
  unknownKey: ['UnrecognizedClientException', 400],
  badSignature: ['InvalidSignatureException', 400],
  expiredToken: ['ExpiredTokenException', 400],
  unknownOperation: ['UnknownOperationException', 400],
  missingMember: ['ValidationException', 400],
  wrongType: ['SerializationException', 400],
  malformed: ['SerializationException', 400],
  internal: ['InternalServerError', 500],
};

/** The same names as awsJson, but with the statuses of REST. */
const REST_JSON: Answers = {
  ...JSON_RPC,
  throttled: ['ThrottlingException', 429],
  accessDenied: ['AccessDeniedException', 403],
  notSigned: ['MissingAuthenticationTokenException', 403],
  unknownKey: ['UnrecognizedClientException', 403],
  badSignature: ['InvalidSignatureException', 403],
  expiredToken: ['ExpiredTokenException', 403],
  unknownOperation: ['UnknownOperationException', 404],
};

const REST_XML: Answers = {
  ...QUERY,
  unknownOperation: ['UnknownOperationException', 404],
  missingMember: ['InvalidInput', 400],
  wrongType: ['InvalidInput', 400],
  malformed: ['InvalidInput', 400],
};

const BY_PROTOCOL: Readonly<Record<ProtocolName, Answers>> = {
  awsJson1_0: JSON_RPC,
  awsJson1_1: JSON_RPC,
  awsQuery: QUERY,
  ec2Query: EC2,
  restJson1: REST_JSON,
  restXml: REST_XML,
};

/** Where a service departs from the custom of its protocol. Names of shapes: the model knows code and status. */
const BY_SERVICE: Readonly<Record<string, Partial<Answers>>> = {
  drs: {
    quotaExceeded: ['ServiceQuotaExceededException', 402],
    internal: ['InternalServerException', 500],
  },
  rds: {
    quotaExceeded: ['InstanceQuotaExceededFault', 400],
    missingMember: ['MissingParameter', 400],
    wrongType: ['InvalidParameterValue', 400],
  },
  elbv2: { quotaExceeded: ['TooManyTargetsException', 400] },
  route53: { quotaExceeded: ['LimitsExceeded', 400] },
  lambda: {
    throttled: ['TooManyRequestsException', 429],
    quotaExceeded: ['TooManyRequestsException', 429],
    missingMember: ['InvalidParameterValueException', 400],
    wrongType: ['InvalidRequestContentException', 400],
    internal: ['ServiceException', 500],
  },
  sns: {
    throttled: ['ThrottledException', 429],
    accessDenied: ['AuthorizationErrorException', 403],
    quotaExceeded: ['TopicLimitExceededException', 403],
    missingMember: ['InvalidParameterException', 400],
    wrongType: ['InvalidParameterException', 400],
    internal: ['InternalErrorException', 500],
  },
  events: { quotaExceeded: ['LimitExceededException', 400], internal: ['InternalException', 500] },
  ssm: { quotaExceeded: ['DocumentLimitExceeded', 400], internal: ['InternalServerError', 500] },
  tagging: { throttled: ['ThrottledException', 400], missingMember: ['InvalidParameterException', 400] },
  servicequotas: {
    throttled: ['TooManyRequestsException', 400],
    missingMember: ['IllegalArgumentException', 400],
    internal: ['ServiceException', 500],
  },
};

/** An error in the service's own words. */
export function commonError(
  model: Pick<ServiceModel, 'name' | 'protocol'>,
  cause: CommonCause,
  message: string,
): ServiceError {
  const [code, httpStatus] = BY_SERVICE[model.name]?.[cause] ?? BY_PROTOCOL[model.protocol][cause];
  return new ServiceError(code, message, { httpStatus });
}

/** What the AWS services say for each cause that needs no detail. */
export const MESSAGES = {
  throttled: 'Rate exceeded',
  quotaExceeded: 'The request would exceed a service quota of the account.',
  notSigned: 'Request is missing Authentication Token',
  unknownKey: 'The security token included in the request is invalid.',
  badSignature:
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  expiredToken: 'The security token included in the request is expired',
} as const;
