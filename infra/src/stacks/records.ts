import { Aws, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnGlobalTable } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { TABLES } from '../../../src/store/port.ts';
import { TABLE_SHAPES, type TableShape } from '../../../src/store/table-shapes.ts';
import { RECORDS_KEY_ALIAS } from '../names.ts';
import type { Settings } from '../settings.ts';

interface RecordsProps extends StackProps {
  readonly settings: Settings;
}

/** The records: six tables, as `src/store/table-shapes.ts` has them. Nothing here is deleted with the stack. */
export class RecordsStack extends Stack {
  constructor(scope: Construct, id: string, { settings, ...props }: RecordsProps) {
    super(scope, id, { ...props, description: 'Breakwater: the records', terminationProtection: true });
    const { replica, tablePrefix } = settings;
    const key = new Key(this, 'Key', {
      description: 'Breakwater: the records',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    key.addAlias(RECORDS_KEY_ALIAS);
    const replicas = [
      replicaIn(Aws.REGION, key.keyArn),
      ...(replica === undefined ? [] : [replicaIn(replica.region, replica.keyArn)]),
    ];
    for (const name of TABLES) {
      const table = new CfnGlobalTable(this, name, {
        tableName: `${tablePrefix}${name}`,
        billingMode: 'PAY_PER_REQUEST',
        ...schemaOf(TABLE_SHAPES[name]),
        sseSpecification: { sseEnabled: true, sseType: 'KMS' },
        // A second Region needs a stream; so there is one from the beginning.
        streamSpecification: { streamViewType: 'NEW_AND_OLD_IMAGES' },
        replicas,
      });
      table.applyRemovalPolicy(RemovalPolicy.RETAIN);
    }
  }
}

function replicaIn(region: string, kmsMasterKeyId: string): CfnGlobalTable.ReplicaSpecificationProperty {
  return {
    region,
    deletionProtectionEnabled: true,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    sseSpecification: { kmsMasterKeyId },
  };
}

function schemaOf({ key, index }: TableShape) {
  const names = [key.partition, key.sort, index?.partition, index?.sort].filter((name) => name !== undefined);
  return {
    attributeDefinitions: names.map((attributeName) => ({ attributeName, attributeType: 'S' })),
    keySchema: keySchemaOf(key),
    ...(index !== undefined && {
      globalSecondaryIndexes: [
        { indexName: index.name, keySchema: keySchemaOf(index), projection: { projectionType: 'ALL' } },
      ],
    }),
  };
}

function keySchemaOf({ partition, sort }: TableShape['key']): CfnGlobalTable.KeySchemaProperty[] {
  return [
    { attributeName: partition, keyType: 'HASH' },
    ...(sort === undefined ? [] : [{ attributeName: sort, keyType: 'RANGE' }]),
  ];
}
