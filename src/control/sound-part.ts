import { z } from 'zod';
import type { Finding } from '#core/outcome.ts';
import { AccountId, Plan, ProtectionGroup, Region, Script, Technology, Wave } from '#core/plan.ts';

/** What can be checked against the estate of a plan that breaks its schema or its graph somewhere. */
export interface SoundPart {
  /** A plan of the sound technologies alone, in waves of the same numbers. It is made to be assessed, not to be run. */
  readonly plan: Plan;
  /** What an assessment of `plan` found in the estate, with the paths that the whole plan has. */
  restore(findings: readonly Finding[]): Finding[];
}

/**
 * Takes out of a plan's data what is sound in itself. A technology that names a broken protection group or script is left out
 * as well: what could be said of it would be wrong. `null` when nothing is left, or nobody can say where to look for it.
 */
export function soundPartOf(data: unknown): SoundPart | null {
  const raw = Frame.safeParse(data).data;
  if (raw === undefined) return null;
  const { accountId, region } = raw;
  const { protectionGroups, scripts, broken } = sortLibraries(raw);
  const waves = raw.waves.flatMap((wave, index) => soundWave(wave, index, broken));
  if (waves.length === 0) return null;
  const places = waves.map(({ index, technologies }) => ({
    index,
    places: technologies.map(({ place }) => place),
  }));
  return {
    plan: Plan.parse({
      ...(accountId === undefined ? {} : { accountId }),
      ...(region === undefined ? {} : { region }),
      protectionGroups,
      scripts,
      waves: waves.map(({ waveNumber, technologies }) => ({
        waveNumber,
        name: `Wave ${waveNumber}`,
        technologies: technologies.map(({ technology }) => technology),
        dependencies: [],
      })),
    }),
    restore: (findings) =>
      findings
        .filter(({ rule }) => !rule.startsWith('Wave'))
        .map((finding) => ({ ...finding, path: restorePath(finding.path, places) })),
  };
}

/** What has to stand before anything can be looked for. */
const Frame = z.looseObject({
  accountId: AccountId.optional(),
  region: Region.optional(),
  protectionGroups: z.array(z.unknown()).default([]),
  scripts: z.record(z.string(), z.unknown()).default({}),
  waves: z.array(z.unknown()),
});

const WaveFrame = z.looseObject({
  waveNumber: Wave.shape.waveNumber,
  technologies: z.array(z.unknown()),
});

/** The sound protection groups and scripts; `broken`: pieces of JSON that show a mention of one that is not. */
function sortLibraries(raw: z.infer<typeof Frame>): {
  protectionGroups: unknown[];
  scripts: Record<string, unknown>;
  broken: string[];
} {
  const isSoundGroup = (group: unknown): boolean => ProtectionGroup.safeParse(group).success;
  const broken = raw.protectionGroups
    .filter((group) => !isSoundGroup(group))
    // One without a name may be any that is mentioned.
    .map((group) => JSON.stringify(Named.safeParse(group).data?.groupId ?? 'protectionGroups'));
  const scripts = Object.entries(raw.scripts).filter(([name, script]) => {
    const isSound = Script.safeParse(script).success && !mentions(script, broken);
    if (!isSound) broken.push(JSON.stringify(name));
    return isSound;
  });
  return {
    protectionGroups: raw.protectionGroups.filter(isSoundGroup),
    scripts: Object.fromEntries(scripts),
    broken,
  };
}

const Named = z.looseObject({ groupId: z.string() });

function mentions(data: unknown, broken: readonly string[]): boolean {
  const text = JSON.stringify(data);
  return broken.some((piece) => text.includes(piece));
}

interface SoundWave {
  /** Its place in the plan. */
  readonly index: number;
  readonly waveNumber: number;
  readonly technologies: readonly { readonly place: number; readonly technology: Technology }[];
}

function soundWave(wave: unknown, index: number, broken: readonly string[]): SoundWave[] {
  const frame = WaveFrame.safeParse(wave).data;
  if (frame === undefined) return [];
  const technologies = frame.technologies.flatMap((given, place) => {
    const technology = Technology.safeParse(given).data;
    return technology === undefined || mentions(given, broken) ? [] : [{ place, technology }];
  });
  return technologies.length === 0 ? [] : [{ index, waveNumber: frame.waveNumber, technologies }];
}

function restorePath(
  path: string,
  waves: readonly { readonly index: number; readonly places: readonly number[] }[],
): string {
  return path.replace(/^waves\[(\d+)\]\.technologies\[(\d+)\]/, (_, wave: string, place: string) => {
    const { index, places } = waves[Number(wave)]!;
    return `waves[${index}].technologies[${places[Number(place)]}]`;
  });
}
