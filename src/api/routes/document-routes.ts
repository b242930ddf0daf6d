import type { KeptDocuments } from '#control/kept-documents.ts';
import type { Permission } from '#core/permissions.ts';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { defineRoute, type Answer, type AnyRoute } from '../route.ts';
import { NextCursor, PageQuery } from '../shapes/common.ts';

export interface DocumentRoutesParams<T> {
  readonly documents: KeptDocuments<T>;
  readonly tag: string;
  /** `/protection-groups` */
  readonly path: string;
  /** `groupId`: the parameter of the path. */
  readonly idName: string;
  /** `protectionGroups`: the list in answers. */
  readonly plural: string;
  /** `ProtectionGroup`, in operation ids. */
  readonly name: string;
  /** For summaries: `protection group`. */
  readonly noun: string;
  readonly read: Permission;
  readonly write: Permission;
  readonly body: z.ZodType<T>;
  readonly shape: z.ZodType;
}

/** List, get, create, update and delete. */
export function documentRoutes<T>(params: DocumentRoutesParams<T>): AnyRoute[] {
  return [...readRoutes(params), ...changeRoutes(params)];
}

function atDocument(idName: string): z.ZodType<Readonly<Record<string, string>>> {
  return z.strictObject({ [idName]: z.string().min(1).max(128) });
}

function readRoutes<T>({ documents, ...params }: DocumentRoutesParams<T>): AnyRoute[] {
  const { tag, path, idName, plural, name, noun, read: permission, shape } = params;
  return [
    defineRoute({
      method: 'GET',
      path,
      permission,
      operationId: `list${name}s`,
      tag,
      summary: `Lists ${noun}s`,
      query: PageQuery,
      responses: { 200: z.object({ [plural]: z.array(shape), nextCursor: NextCursor }) },
      handle: async ({ query }) => {
        const { items, ...rest } = await documents.list(query);
        return { status: 200, body: { [plural]: items.map(({ value }) => value), ...rest } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${path}/{${idName}}`,
      permission,
      operationId: `get${name}`,
      tag,
      summary: `Gets a ${noun}`,
      params: atDocument(idName),
      responses: { 200: shape },
      handle: async (asked) => answerOf(await documents.get(asked.params[idName]!)),
    }),
  ];
}

function changeRoutes<T>({ documents, ...params }: DocumentRoutesParams<T>): AnyRoute[] {
  const { tag, path, idName, name, noun, write: permission, body, shape } = params;
  return [
    defineRoute({
      method: 'POST',
      path,
      permission,
      operationId: `create${name}`,
      tag,
      summary: `Makes a ${noun}`,
      body,
      responses: { 201: shape },
      handle: async (asked) => {
        const stored = await documents.create(asked.body, actorOf(asked));
        return {
          ...answerOf(stored),
          status: 201,
          headers: { location: `${path}/${encodeURIComponent(stored.id)}` },
        };
      },
    }),
    defineRoute({
      method: 'PUT',
      path: `${path}/{${idName}}`,
      permission,
      operationId: `update${name}`,
      tag,
      summary: `Changes a ${noun}`,
      params: atDocument(idName),
      body,
      needsIfMatch: true,
      responses: { 200: shape },
      handle: async (asked) =>
        answerOf(await documents.update(asked.params[idName]!, asked.body, asked.ifMatch!, actorOf(asked))),
    }),
    defineRoute({
      method: 'DELETE',
      path: `${path}/{${idName}}`,
      permission,
      operationId: `delete${name}`,
      tag,
      summary: `Removes a ${noun}`,
      params: atDocument(idName),
      needsIfMatch: true,
      responses: { 204: null },
      handle: async (asked) => {
        await documents.remove(asked.params[idName]!, asked.ifMatch!, actorOf(asked));
        return { status: 204 };
      },
    }),
  ];
}

function answerOf({ value, revision }: { readonly value: unknown; readonly revision: number }): Answer {
  return { status: 200, body: value, revision };
}
