import { z } from 'zod';

/** A list of a scenario section in which a key may stand once, whatever its case; `[]` if it is left out. */
export function distinct<S extends z.ZodType<object>>(item: S, key: string) {
  return z
    .array(item)
    .superRefine((items, context) => {
      const seen = new Set<unknown>();
      items.forEach((each, index) => {
        const value = (each as Record<string, unknown>)[key];
        if (value === undefined) return;
        const name = JSON.stringify(value).toLowerCase();
        if (seen.has(name)) {
          const message = `expected each ${key} once`;
          context.addIssue({ code: 'custom', path: [index, key], message, input: value });
        }
        seen.add(name);
      });
    })
    .default([]);
}
