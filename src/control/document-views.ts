import type { Stored } from '#store/documents.ts';
import type { KeptDocuments } from './kept-documents.ts';

/** Documents as they are read, each with what the server adds to it. */
export function viewedReads<T, V>(
  documents: Pick<KeptDocuments<T>, 'get' | 'list'>,
  view: (stored: Stored<T>) => Promise<Stored<V>>,
): {
  get(id: string): Promise<Stored<V>>;
  list(
    page?: Parameters<KeptDocuments<T>['list']>[0],
  ): Promise<{ items: readonly Stored<V>[]; nextCursor?: string }>;
} {
  return {
    get: async (id) => view(await documents.get(id)),
    async list(page) {
      const { items, ...rest } = await documents.list(page);
      return { ...rest, items: await Promise.all(items.map(view)) };
    },
  };
}
