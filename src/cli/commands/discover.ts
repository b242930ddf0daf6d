import { z } from 'zod';
import { writeDiscoveredPlan } from '#control/write-plan.ts';
import type { DiscoveryAnswer } from '#core/discovery.ts';
import { planFromDiscovery } from '#core/plan-from-discovery.ts';
import { TECHNOLOGY_TYPES, type TechnologyType } from '#core/tags.ts';
import { defineCommand } from '../command.ts';
import { plain, plural } from '../format.ts';
import { Json, JSON_OPTION, Scenario, SCENARIO_OPTION } from '../inputs.ts';
import { renderTable } from '../output.ts';
import type { Theme } from '../theme.ts';

const TagList = z.string('needed: KEY=VALUE, several with commas between').transform((text, context) => {
  const pairs = text.split(',').map((pair) => /^\s*([^=]{1,128}?)\s*=\s*(.{0,256}?)\s*$/.exec(pair));
  if (pairs.every((pair) => pair !== null))
    return Object.fromEntries(pairs.map((pair) => [pair[1]!, pair[2]!]));
  context.addIssue({ code: 'custom', message: 'expected KEY=VALUE, several with commas between' });
  return z.NEVER;
});

const TechnologyList = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(
    z.array(z.enum(TECHNOLOGY_TYPES, `expected ${TECHNOLOGY_TYPES.join(', ')}, several with commas between`)),
  );

/** `breakwater discover`. */
export const discoverCommand = defineCommand({
  name: 'discover',
  summary: 'find resources by their tags, and make a plan of them',
  description:
    'With --plan, writes a plan (YAML, on stdout) from the tags DR-Enabled, DR-Tier, DR-Wave, DR-Technology and DR-Priority.',
  asksServer: true,
  arguments: [],
  options: [
    { flags: '--tags <tags>', summary: 'all must match, such as Environment=production,DR-Wave=2' },
    { flags: '--technologies <list>', summary: `some of ${TECHNOLOGY_TYPES.join(',')} (default: all)` },
    { flags: '--plan', summary: 'print a plan made of what was found' },
    SCENARIO_OPTION,
    JSON_OPTION,
  ],
  examples: [
    'breakwater discover --tags DR-Enabled=true,Application=core-banking --json',
    'breakwater discover --tags DR-Enabled=true --scenario examples/core-banking/estate.yaml --plan > plan.yaml',
  ],
  exits: ['ok', 'invalid'],
  input: z.object({
    tags: TagList,
    technologies: TechnologyList.optional(),
    plan: z.boolean().default(false),
    scenario: Scenario,
    json: Json,
  }),
  run: async ({ tags, technologies, plan: wantsPlan, scenario }, { local, io, output }) => {
    const session = await local.open({
      dataDir: null,
      time: { kind: 'system' },
      ...(scenario === undefined ? {} : { scenario }),
    });
    try {
      const discoveryQuery = { tags, ...(technologies === undefined ? {} : { technologies }) };
      const answer = await session.control.discover({ discoveryQuery });
      const made = wantsPlan ? planFromDiscovery(answer) : null;
      for (const warning of made?.warnings ?? answer.warnings)
        io.note(`${output.theme.attention('!')} ${plain(warning)}`);
      if (made === null) output.data(answer, () => renderAnswer(answer, output.theme));
      else output.data(made.plan, () => writeDiscoveredPlan(made));
      return 'ok';
    } finally {
      await session.close();
    }
  },
});

function renderAnswer({ details, discoveredResources }: DiscoveryAnswer, theme: Theme): string {
  const total = Object.values(discoveredResources).reduce((sum, ids) => sum + ids.length, 0);
  if (total === 0) return 'Nothing carries these tags.';
  const order = (technology: TechnologyType): number => TECHNOLOGY_TYPES.indexOf(technology);
  const rows = [...details]
    .sort((a, b) => order(a.technology) - order(b.technology))
    .map(({ technology, resourceId, kind, tags }) => [
      technology,
      plain(resourceId),
      kind,
      tags['DR-Wave'] ?? '–',
      tags['DR-Tier'] ?? '–',
      tags['DR-Priority'] ?? '–',
      plain(tags['Name'] ?? ''),
    ]);
  const head = ['Technology', 'Resource', 'Kind', 'Wave', 'Tier', 'Priority', 'Name'];
  return `${renderTable({ head, rows, theme })}\n\n${plural(total, 'resource')}`;
}
