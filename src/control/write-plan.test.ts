import { expect, test } from 'vitest';
import { parsePlanText } from './plan-file.ts';
import { writeDiscoveredPlan } from './write-plan.ts';

const plan = {
  name: 'Recovery of DR-Enabled=true',
  waves: [{ waveNumber: 2, name: 'A', technologies: [{ type: 'drs', operation: 'recovery' }] }],
};
const gap = {
  waveNumber: 2,
  type: 'application' as const,
  resourceIds: ['i-1', 'i-2'],
  warning: 'wave 2: add application/scripts for i-1, i-2',
};

test('what a person has to fill in stands at the head, as comments to be completed', () => {
  expect(writeDiscoveredPlan({ plan, gaps: [gap], warnings: ['s-1 is left out', gap.warning] })).toBe(
    `# Made by discovery. docs/plan-file.md describes every field.
#
# TO FILL IN: tags do not say how these are recovered, so the plan does nothing for them yet.
# Add each to the technologies of its wave, with your own values in place of the words in capitals.
#
# Wave 2, for i-1, i-2:
#   - type: application
#     operation: scripts
#     resources:
#       scripts: [SCRIPT] # defined under "scripts" of the plan, or the name of an SSM document
#
# Not in the plan:
# - s-1 is left out

name: Recovery of DR-Enabled=true
waves:
  - waveNumber: 2
    name: A
    technologies:
      - type: drs
        operation: recovery`,
  );
});

test('a plan without gaps has none at its head', () => {
  expect(writeDiscoveredPlan({ plan, gaps: [], warnings: [] })).not.toContain('FILL IN');
});

test('a resource whose name has several lines stays within the comment', () => {
  const nasty = { ...gap, resourceIds: ['i-1\nwaves: []'] };
  const text = writeDiscoveredPlan({ plan, gaps: [nasty], warnings: ['x\r\nname: y'] });
  expect(parsePlanText(text, 'plan.yaml').plan).toMatchObject({
    name: plan.name,
    waves: [{ waveNumber: 2 }],
  });
});

test.each(['application', 'infrastructure'] as const)(
  'the skeleton of %s, once uncommented, is a technology',
  (type) => {
    const text = writeDiscoveredPlan({ plan, gaps: [{ ...gap, type }], warnings: [] });
    const skeleton = [...text.matchAll(/^# {3}(.*)$/gm)].map(([, line]) => `      ${line}`).join('\n');
    const waves = `waves:\n  - waveNumber: 2\n    name: A\n    technologies:\n${skeleton}\n`;
    expect(parsePlanText(waves, 'plan.yaml').plan.waves[0]?.technologies).toMatchObject([{ type }]);
  },
);
