import type { Table } from '#sim/kernel/world.ts';

type Tags = Readonly<Record<string, string>>;
export type TagChanges = Readonly<Record<string, string | null>>;

/** What is left when tags are set (string) and removed (null). */
export function mergeTags(tags: Tags, changes: TagChanges): Tags {
  const entries = Object.entries({ ...tags, ...changes });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}

/** Changes the tags of the row with this id, if its ARN is the one that was meant. Answers whether there is one. */
export function changeRowTags<R extends { readonly arn: string; readonly tags: Tags }>(
  table: Table<R>,
  { id, arn }: { id: string; arn: string },
  changes: TagChanges,
): boolean {
  const row = table.get(id);
  if (row === undefined || row.arn !== arn) return false;
  table.put(id, { ...row, tags: mergeTags(row.tags, changes) });
  return true;
}
