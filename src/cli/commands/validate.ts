import { z } from 'zod';
import type { Control, PlanAssessment } from '#control/control.ts';
import { invalidPlan, placeFindings, readPlanDraft, type PlanDraft } from '#control/plan-file.ts';
import type { Finding } from '#core/outcome.ts';
import { defineCommand } from '../command.ts';
import { column, fit, humanIso, plain, plural } from '../format.ts';
import { Json, JSON_OPTION, Scenario, SCENARIO_OPTION } from '../inputs.ts';
import { renderTable } from '../output.ts';
import { renderFindings } from '../print-error.ts';
import { technologyName } from '../progress.ts';
import type { Theme } from '../theme.ts';

/** `breakwater validate`. */
export const validateCommand = defineCommand({
  name: 'validate',
  summary: 'check a plan against itself and against the estate',
  description:
    'Checks the schema, then the graph of the waves, then the estate: that every reference resolves, that replication is healthy, ' +
    'that the quotas suffice. Reads only. Says everything at once, each finding with its place in the file and what to do.',
  asksServer: true,
  arguments: [{ name: 'plan', label: 'PLAN', summary: 'the plan file, YAML or JSON' }],
  options: [SCENARIO_OPTION, JSON_OPTION],
  examples: [
    'breakwater validate examples/core-banking/plan.yaml --scenario examples/core-banking/estate.yaml',
    'breakwater validate plan.yaml --json',
  ],
  exits: ['ok', 'invalid'],
  input: z.object({ plan: z.string(), scenario: Scenario, json: Json }),
  run: async ({ plan: path, scenario }, { local, io, output }) => {
    const draft = await readPlanDraft(path);
    const session = await local.open({
      dataDir: null,
      time: { kind: 'system' },
      ...(scenario === undefined ? {} : { scenario }),
    });
    try {
      if (draft.plan === null) throw invalidPlan(draft, await findInSoundPart(session.control, draft));
      const assessment = await session.control.validatePlan({ plan: draft.plan, mode: 'recovery' });
      const findings = placeFindings(assessment.findings, draft.locate);
      const errors = findings.filter(({ level }) => level === 'error').length;
      output.data({ file: path, valid: errors === 0, ...assessment, findings }, () =>
        [
          renderAssessment(assessment, output.theme, io.interactive ? io.size().width : Infinity),
          ...(findings.length === 0
            ? []
            : [renderFindings(findings, { file: path, theme: output.theme }), '']),
          verdict(errors, findings.length - errors, output.theme),
        ].join('\n'),
      );
      return errors === 0 ? 'ok' : 'invalid';
    } finally {
      await session.close();
    }
  },
});

/** What the estate has against the rest of a plan that is wrong somewhere: everything is to be said at once. */
async function findInSoundPart(control: Control, { soundPart }: PlanDraft): Promise<readonly Finding[]> {
  if (soundPart === null) return [];
  const { findings } = await control.validatePlan({ plan: soundPart.plan, mode: 'recovery' });
  return soundPart.restore(findings);
}

function verdict(errors: number, others: number, theme: Theme): string {
  const remarks = others === 0 ? '' : `, ${plural(others, 'remark')}`;
  return errors === 0
    ? `${theme.good('✓')} The plan is valid${remarks}.`
    : `${theme.bad('✗')} The plan is not valid: ${plural(errors, 'error')}${remarks}.`;
}

/** Parts that could not be assessed have no expected time, and so the whole has none. */
function expectedWords({ waves, expectedDuration }: PlanAssessment): string {
  const parts = waves.flatMap(({ technologies }) => technologies);
  return parts.some(({ basis }) => basis === NOT_ASSESSED)
    ? 'How long it takes is not known: parts of it could not be assessed.'
    : `Expected to take ${humanIso(expectedDuration)}, without waiting for people.`;
}

/** What `control` says in place of a basis. */
const NOT_ASSESSED = 'could not be assessed';

function renderAssessment(assessment: PlanAssessment, theme: Theme, width: number): string {
  const { waves } = assessment;
  const rows = waves.flatMap((wave) =>
    wave.technologies.map((technology, index) => [
      index === 0 ? String(wave.waveNumber) : '',
      column(plain(technologyName(technology)), 30),
      String(technology.resources.length),
      technology.basis === NOT_ASSESSED ? '–' : humanIso(technology.expectedDuration),
      theme.quiet(fit(plain(technology.basis), width - 62)),
    ]),
  );
  if (rows.length === 0) return '';
  const head = ['Wave', 'Technology', 'Resources', 'Expected', ''];
  return `${renderTable({ head, rows, right: [0, 2, 3], theme })}\n\n${expectedWords(assessment)}\n`;
}
