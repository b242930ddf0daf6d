import { z } from 'zod';
import type { PlanAssessment } from '#control/control.ts';
import { placeFindings, readPlanFile } from '#control/plan-file.ts';
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
  arguments: [{ name: 'plan', label: 'PLAN', summary: 'the plan file, YAML or JSON' }],
  options: [SCENARIO_OPTION, JSON_OPTION],
  examples: [
    'breakwater validate examples/core-banking/plan.yaml --scenario examples/core-banking/estate.yaml',
    'breakwater validate plan.yaml --json',
  ],
  exits: ['ok', 'invalid'],
  input: z.object({ plan: z.string(), scenario: Scenario, json: Json }),
  run: async ({ plan: path, scenario }, { local, io, output }) => {
    const file = await readPlanFile(path);
    const session = await local.open({
      dataDir: null,
      time: { kind: 'system' },
      ...(scenario === undefined ? {} : { scenario }),
    });
    try {
      const assessment = await session.control.validatePlan({ plan: file.plan, mode: 'recovery' });
      const findings = placeFindings(assessment.findings, file.locate);
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

function verdict(errors: number, others: number, theme: Theme): string {
  const remarks = others === 0 ? '' : `, ${plural(others, 'remark')}`;
  return errors === 0
    ? `${theme.good('✓')} The plan is valid${remarks}.`
    : `${theme.bad('✗')} The plan is not valid: ${plural(errors, 'error')}${remarks}.`;
}

function renderAssessment({ waves, expectedDuration }: PlanAssessment, theme: Theme, width: number): string {
  const rows = waves.flatMap((wave) =>
    wave.technologies.map((technology, index) => [
      index === 0 ? String(wave.waveNumber) : '',
      column(plain(technologyName(technology)), 30),
      String(technology.resources.length),
      humanIso(technology.expectedDuration),
      theme.quiet(fit(plain(technology.basis), width - 62)),
    ]),
  );
  if (rows.length === 0) return '';
  const head = ['Wave', 'Technology', 'Resources', 'Expected', ''];
  return `${renderTable({ head, rows, right: [0, 2, 3], theme })}\n\nExpected to take ${humanIso(expectedDuration)}, without waiting for people.\n`;
}
