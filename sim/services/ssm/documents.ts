import type {
  DescribeDocumentCommandInput,
  DocumentDescription,
  DocumentIdentifier,
  GetDocumentCommandInput,
  ListDocumentsCommandInput,
} from '@aws-sdk/client-ssm';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { page } from './pages.ts';
import { documents, type DocumentRow } from './rows.ts';

const amazonDocument = (
  name: string,
  type: DocumentRow['type'],
  platforms: DocumentRow['platforms'],
  requiredParameters: readonly string[],
): DocumentRow => ({
  name,
  owner: 'Amazon',
  type,
  description: `${name}, owned by Amazon`,
  platforms,
  requiredParameters,
  createdAt: Date.parse('2017-08-31T00:00:00Z'),
});

/** Documents that every account sees. */
const AMAZON_DOCUMENTS: readonly DocumentRow[] = [
  amazonDocument('AWS-RunShellScript', 'Command', ['Linux', 'MacOS'], ['commands']),
  amazonDocument('AWS-RunPowerShellScript', 'Command', ['Windows', 'Linux'], ['commands']),
  amazonDocument(
    'AWS-RunRemoteScript',
    'Command',
    ['Linux', 'Windows'],
    ['sourceType', 'sourceInfo', 'commandLine'],
  ),
  amazonDocument('AWS-UpdateSSMAgent', 'Command', ['Linux', 'Windows'], []),
  amazonDocument('AWS-StartEC2Instance', 'Automation', ['Linux', 'Windows'], ['InstanceId']),
  amazonDocument('AWS-StopEC2Instance', 'Automation', ['Linux', 'Windows'], ['InstanceId']),
];

export function getDocumentRow(call: Call, nameOrArn: string | undefined): DocumentRow {
  const name = (nameOrArn ?? '').split('/').at(-1)!;
  const row = documents(call).get(name) ?? AMAZON_DOCUMENTS.find((document) => document.name === name);
  if (row === undefined)
    throw new ServiceError('InvalidDocument', `Document with name ${name} does not exist.`);
  return row;
}

export function describeDocument(
  call: Call,
  input: DescribeDocumentCommandInput,
): { Document: DocumentDescription } {
  const row = getDocumentRow(call, input.Name);
  return {
    Document: {
      ...documentView(row),
      Status: 'Active',
      Description: row.description,
      CreatedDate: new Date(row.createdAt),
      LatestVersion: '1',
      DefaultVersion: '1',
      Parameters: row.requiredParameters.map((name) => ({ Name: name, Type: 'StringList' })),
    },
  };
}

export function getDocument(call: Call, input: GetDocumentCommandInput) {
  const row = getDocumentRow(call, input.Name);
  const parameters = Object.fromEntries(row.requiredParameters.map((name) => [name, { type: 'StringList' }]));
  return {
    Name: row.name,
    DocumentVersion: '1',
    Status: 'Active' as const,
    DocumentType: row.type,
    DocumentFormat: 'JSON' as const,
    Content: JSON.stringify({ schemaVersion: schemaVersion(row), description: row.description, parameters }),
  };
}

/** Filters `Owner` (`Self`, `Amazon`), `Name` (prefix), `DocumentType`, `PlatformTypes`. */
export function listDocuments(call: Call, input: ListDocumentsCommandInput) {
  const matching = [...documents(call).all(), ...AMAZON_DOCUMENTS].filter((row) =>
    (input.Filters ?? []).every(({ Key = '', Values = [] }) =>
      Values.some((value) => matches(call, row, Key, value)),
    ),
  );
  const { items, next } = page(matching, input);
  return { DocumentIdentifiers: items.map(documentView), NextToken: next };
}

function matches(call: Call, row: DocumentRow, key: string, value: string): boolean {
  switch (key) {
    case 'Owner':
      return value === 'All' || row.owner === (value === 'Self' ? call.accountId : value);
    case 'Name':
      return row.name.startsWith(value);
    case 'DocumentType':
      return row.type === value;
    case 'PlatformTypes':
      return row.platforms.some((platform) => platform === value);
    default:
      throw new ServiceError('InvalidFilterKey', `The specified filter key is not valid: ${key}`);
  }
}

function documentView(row: DocumentRow): DocumentIdentifier {
  return {
    Name: row.name,
    Owner: row.owner,
    DocumentType: row.type,
    DocumentVersion: '1',
    DocumentFormat: 'JSON',
    SchemaVersion: schemaVersion(row),
    PlatformTypes: [...row.platforms],
    Tags: [],
  };
}

function schemaVersion(row: DocumentRow): string {
  return row.type === 'Automation' ? '0.3' : '2.2';
}
