import { Buffer } from 'node:buffer';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { openDynamoDb } from '#aws/open-dynamodb.ts';
import type { RequestHandler } from '#aws/service-spec.ts';
import { systemClock } from '#clocks/system.ts';
import { createTableInputs } from '../create-table-inputs.ts';
import { DynamoDbStore } from '../dynamodb-store.ts';
import { transactionsOn, type Answer, type Call, type Transaction } from './transactions-on-dynalite.ts';

const TYPE = 'application/x-amz-json-1.0';
/** dynalite looks only whether there is one. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';

/** dynalite, a DynamoDB that somebody else wrote, in this process, with transactions beside it. */
export interface Dynalite {
  /** A store on new tables. `onAnswer` is told of each request that has been answered, and may throw: then the answer is lost. */
  open(onAnswer?: (operation: string, input: object) => void): Promise<DynamoDbStore>;
  stop(): Promise<void>;
}

export async function startDynalite(): Promise<Dynalite> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = askOneByOne(async (operation, input) => {
    const headers = {
      'content-type': TYPE,
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization: AUTHORIZATION,
    };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  });
  let stores = 0;
  return {
    async open(onAnswer = () => {}) {
      const prefix = `store-${++stores}-`;
      for (const table of createTableInputs(prefix)) await ask('CreateTable', table);
      const dynamoDb = openDynamoDb({
        clock: systemClock(),
        region: 'eu-central-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        requestHandler: carryTo(ask, onAnswer),
        random: () => 0,
      });
      return new DynamoDbStore({ dynamoDb, prefix });
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One request at a time, so that nobody sees the half of a transaction. */
function askOneByOne(call: Call): Call {
  const transact = transactionsOn(call);
  let last: Promise<unknown> = Promise.resolve();
  return (operation, input) => {
    const answer = last.then(() =>
      operation === 'TransactWriteItems' ? transact(input as Transaction) : call(operation, input),
    );
    last = answer.catch(() => {});
    return answer;
  };
}

function carryTo(ask: Call, onAnswer: (operation: string, input: object) => void): RequestHandler {
  return {
    handle: async (request) => {
      const { headers, body } = request as { headers: Record<string, string>; body: Uint8Array };
      const operation = headers['x-amz-target']!.split('.')[1]!;
      const input = JSON.parse(new TextDecoder().decode(body)) as object;
      const answer = await ask(operation, input);
      onAnswer(operation, input);
      const text = Buffer.from(JSON.stringify(answer.body));
      return { response: { statusCode: answer.status, headers: { 'content-type': TYPE }, body: text } };
    },
  };
}
