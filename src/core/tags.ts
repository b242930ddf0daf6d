import { z } from 'zod';

/** The specification's tag schema. */
export const DR_TAGS = {
  enabled: 'DR-Enabled',
  tier: 'DR-Tier',
  wave: 'DR-Wave',
  technology: 'DR-Technology',
  priority: 'DR-Priority',
} as const;

export const PRIORITIES = ['high', 'medium', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

export const TECHNOLOGY_TYPES = ['drs', 'database', 'application', 'infrastructure'] as const;
export type TechnologyType = (typeof TECHNOLOGY_TYPES)[number];

const DrTags = z.object({
  [DR_TAGS.enabled]: z.enum(['true', 'false']).optional(),
  [DR_TAGS.tier]: z.string().min(1).optional(),
  [DR_TAGS.wave]: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, 'expected a wave number such as 2')
    .optional(),
  [DR_TAGS.technology]: z.enum(TECHNOLOGY_TYPES).optional(),
  [DR_TAGS.priority]: z.enum(PRIORITIES).optional(),
});

/** What the DR tags of a resource say. */
export interface DrTagValues {
  readonly enabled: boolean;
  readonly tier?: string;
  readonly wave?: number;
  readonly technology?: TechnologyType;
  readonly priority: Priority;
}

/**
 * Reads the DR tags among a resource's tags. A resource without `DR-Enabled` is not enabled; without `DR-Priority` its
 * priority is medium. `problems` names each tag whose value the schema does not allow; such a tag counts as missing.
 */
export function readDrTags(tags: Readonly<Record<string, string>>): {
  values: DrTagValues;
  problems: string[];
} {
  const problems: string[] = [];
  const read = (key: keyof typeof DrTags.shape): string | undefined => {
    const parsed = DrTags.shape[key].safeParse(tags[key]);
    if (parsed.success) return parsed.data;
    problems.push(`${key} is ${JSON.stringify(tags[key])}: ${parsed.error.issues[0]!.message}`);
    return undefined;
  };
  const [tier, wave, technology] = [read(DR_TAGS.tier), read(DR_TAGS.wave), read(DR_TAGS.technology)];
  return {
    values: {
      enabled: read(DR_TAGS.enabled) === 'true',
      priority: (read(DR_TAGS.priority) ?? 'medium') as Priority,
      ...(tier === undefined ? {} : { tier }),
      ...(wave === undefined ? {} : { wave: Number(wave) }),
      ...(technology === undefined ? {} : { technology: technology as TechnologyType }),
    },
    problems,
  };
}

/** True if the resource carries every wanted tag with its value. */
export function hasTags(
  tags: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => tags[key] === value);
}
