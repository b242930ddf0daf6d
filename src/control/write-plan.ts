import { stringify } from 'yaml';
import type { DiscoveredPlan, Gap } from '#core/plan-from-discovery.ts';

/** A plan that discovery has made, as YAML. What it leaves out, and what a person has to fill in, stands at its head. */
export function writeDiscoveredPlan({ plan, warnings, gaps }: DiscoveredPlan): string {
  const leftOut = warnings.filter((warning) => !gaps.some((gap) => gap.warning === warning));
  const head = [
    'Made by discovery. docs/plan-file.md describes every field.',
    ...(gaps.length === 0 ? [] : ['', ...GAPS_HEAD, ...gaps.flatMap((gap) => ['', ...skeletonOf(gap)])]),
    ...(leftOut.length === 0 ? [] : ['', 'Not in the plan:', ...leftOut.map((warning) => `- ${warning}`)]),
  ];
  const comment = head.flatMap((text) => text.split(/[\r\n]+/)).map((line) => `# ${line}`.trimEnd());
  return `${comment.join('\n')}\n\n${stringify(plan).trimEnd()}`;
}

const GAPS_HEAD = [
  'TO FILL IN: tags do not say how these are recovered, so the plan does nothing for them yet.',
  'Add each to the technologies of its wave, with your own values in place of the words in capitals.',
];

function skeletonOf({ waveNumber, type, resourceIds }: Gap): string[] {
  return [
    `Wave ${waveNumber}, for ${resourceIds.join(', ')}:`,
    ...SKELETONS[type].map((line) => `  ${line}`),
  ];
}

const SKELETONS: Readonly<Record<Gap['type'], readonly string[]>> = {
  application: [
    '- type: application',
    '  operation: scripts',
    '  resources:',
    '    scripts: [SCRIPT] # defined under "scripts" of the plan, or the name of an SSM document',
  ],
  infrastructure: [
    '- type: infrastructure',
    '  operation: dns_update # or target_registration',
    '  resources:',
    '    route53Records: [{ recordName: NAME, newValue: ADDRESS }] # or targetGroups: [{ targetGroup: NAME, recovered: true }]',
  ],
};
