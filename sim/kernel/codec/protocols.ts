import type { ProtocolName } from './model.ts';
import { awsJson } from './protocol-aws-json.ts';
import { awsQuery, ec2Query } from './protocol-query.ts';
import { restJson1, restXml } from './protocol-rest.ts';
import type { Protocol } from './wire.ts';

/** The server side of each AWS protocol. */
export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  awsJson1_0: awsJson('1.0'),
  awsJson1_1: awsJson('1.1'),
  awsQuery,
  ec2Query,
  restXml,
  restJson1,
};
