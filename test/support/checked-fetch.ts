import { z } from 'zod';
import { describeServer } from '../../clients/generator/describe-server.ts';
import type { Operation, Schema } from '../../clients/generator/openapi.ts';

/** An operation, and a schema for each of its JSON answers by status and media type. */
interface Described {
  readonly is: RegExp;
  readonly answers: ReadonlyMap<string, () => z.ZodType>;
}

/** A `fetch` that refuses JSON which is not as the server's description says: so the client's types are true. */
export const checkedFetch: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init);
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  if (!type.endsWith('json')) return answer;
  const what = `${init!.method} ${new URL(input).pathname}`;
  const status = answer.ok ? answer.status : `${Math.floor(answer.status / 100)}XX`;
  const schema = (await described).find(({ is }) => is.test(what))?.answers.get(`${status} ${type}`);
  if (schema === undefined) throw new TypeError(`${what} answered ${status} ${type}, which is not described`);
  const { error } = schema().safeParse(await answer.clone().json());
  if (error) throw new TypeError(`${what} answered in another shape: ${z.prettifyError(error)}`);
  return answer;
};

const described = readDescription();

async function readDescription(): Promise<Described[]> {
  const { paths, components } = await describeServer();
  // Fixed paths before those with parameters: /recovery-plans/validate is no plan.
  const places = Object.keys(paths).toSorted((a, b) => a.split('{').length - b.split('{').length);
  return places.flatMap((path) =>
    Object.entries(paths[path]!).map(([method, operation]) => ({
      is: new RegExp(`^${method} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`, 'i'),
      answers: answersOf(operation, components.schemas),
    })),
  );
}

function answersOf({ responses }: Operation, named: Readonly<Record<string, Schema>>): Described['answers'] {
  return new Map(
    Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(([type, { schema }]) => [`${status} ${type}`, parserOf(schema, named)]),
    ),
  );
}

/** Made when it is first needed. */
function parserOf(schema: Schema, named: Readonly<Record<string, Schema>>): () => z.ZodType {
  let parser: z.ZodType | undefined;
  const make = (): z.ZodType => {
    const text = JSON.stringify({ ...schema, $defs: named });
    return z.fromJSONSchema(
      JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as z.core.JSONSchema.JSONSchema,
    );
  };
  return () => (parser ??= make());
}
