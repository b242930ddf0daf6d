import { parseDuration } from '#core/duration.ts';
import type { ExecutionExport } from '#core/export.ts';
import type { ExecutionView, GateView } from '#core/view.ts';
import { humanIso, plural } from '../format.ts';
import { resourceLines, technologyName } from '../progress.ts';
import { html, type Html } from './html.ts';
import { status } from './status.ts';

/** The verdict in a sentence, and the four numbers that matter. */
export function renderVerdict(exported: ExecutionExport): Html {
  const { execution, rto, rpo } = exported;
  const { title, tone } = verdictOf(execution);
  const missed = rto.met === false || rpo.met === false;
  return html`<div class="verdict ${missed && tone === 'good' ? 'attention' : tone}">
      <strong>${title}</strong>
      <p>${sentence(exported)}</p>
    </div>
    <dl class="facts">
      <div>
        <dt>Recovery time</dt>
        <dd>${humanIso(rto.actual)}<small>planned ${humanIso(execution.expectedDuration)}</small></dd>
      </div>
      <div>
        <dt>Objective (RTO)</dt>
        <dd>${humanIso(rto.objective)}${objectiveBar(rto)}<small>${objectiveWords(rto)}</small></dd>
      </div>
      <div>
        <dt>Servers’ state (RPO)</dt>
        <dd>${humanIso(rpo.actual)}<small>${rpoWords(rpo)}</small></dd>
      </div>
      <div>
        <dt>Waiting for people</dt>
        <dd>${humanIso(rto.waitedForPeople)}<small>part of the recovery time</small></dd>
      </div>
      <div>
        <dt>Resources</dt>
        <dd>
          ${countGood(execution)} of ${allResources(execution).length}<small
            >${execution.mode === 'drill' ? 'recovered or assessed' : 'recovered'}</small
          >
        </dd>
      </div>
    </dl>`;
}

function verdictOf({ status: value, outcome }: ExecutionView): {
  title: string;
  tone: 'good' | 'bad' | 'attention';
} {
  switch (value) {
    case 'completed':
      return outcome === 'with_exceptions'
        ? { title: '! Completed, with exceptions', tone: 'attention' }
        : { title: '✓ Completed', tone: 'good' };
    case 'failed':
      return { title: '✗ Failed', tone: 'bad' };
    case 'cancelled':
      return { title: '⊘ Cancelled', tone: 'attention' };
    default:
      return { title: '◐ Not finished yet', tone: 'attention' };
  }
}

function sentence({ execution, rto }: ExecutionExport): string {
  const done = execution.waves.filter(({ status: value }) => value === 'completed').length;
  const waves = `${done} of ${plural(execution.waves.length, 'wave')} complete`;
  const took = rto.actual === undefined ? '' : ` in ${humanIso(rto.actual)}`;
  const objective =
    rto.met === undefined || execution.status !== 'completed'
      ? ''
      : rto.met
        ? ', within the recovery time objective'
        : ', over the recovery time objective';
  const failed = allResources(execution).filter(({ status: value }) => value === 'failed').length;
  const exceptions = failed === 0 ? '' : ` ${plural(failed, 'resource')} failed.`;
  const why = execution.error === undefined ? '' : ` ${execution.error.message}.`;
  return [`${waves}${took}${objective}.`, exceptions, why, ...skipWords(execution.gates)].join('');
}

function skipWords(gates: readonly GateView[]): string[] {
  return gates.flatMap(({ waveNumber, resolution }) =>
    resolution?.action === 'skip'
      ? [
          ` What failed in wave ${waveNumber} was skipped by ${resolution.by}${resolution.reason === undefined ? '' : `: “${resolution.reason}”`}.`,
        ]
      : [],
  );
}

/** How much of the objective was used; full when it was missed. */
function objectiveBar({ objective, actual, met }: ExecutionExport['rto']): Html | null {
  if (objective === undefined || actual === undefined) return null;
  const share = Math.min(
    100,
    Math.round((parseDuration(actual) / Math.max(1, parseDuration(objective))) * 1_000) / 10,
  );
  return html`<svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img">
    <title>${share} % of the objective used</title>
    <rect class="track" width="100" height="6" />
    <rect class="${met === false ? 'failed' : 'completed'}" width="${share}" height="6" />
  </svg>`;
}

function objectiveWords({ objective, met }: ExecutionExport['rto']): string {
  if (objective === undefined) return 'none set in the plan';
  if (met === undefined) return 'not reached';
  return met ? '✓ met' : '✗ not met';
}

function rpoWords({ objective, actual, met }: ExecutionExport['rpo']): string {
  const allowed = objective === undefined ? 'no objective in the plan' : `${humanIso(objective)} allowed`;
  if (actual === undefined) return `not measured; ${allowed}`;
  if (objective === undefined) return `before the start; ${allowed}`;
  if (met === undefined) return `before the start, of ${allowed}; what else was lost is not measured`;
  return `before the start; ${met ? '✓ within' : '✗ over'} the ${allowed}`;
}

function allResources(execution: ExecutionView) {
  return execution.waves.flatMap(({ technologies }) => technologies.flatMap(resourceLines));
}

function countGood(execution: ExecutionView): number {
  return allResources(execution).filter(({ status: value }) => value === 'completed' || value === 'assessed')
    .length;
}

/** What failed, was skipped or cancelled: the first thing to talk about after a drill. */
export function renderProblems(execution: ExecutionView): Html {
  const problems = execution.waves.flatMap((wave) =>
    wave.technologies.flatMap((technology) => {
      const where = `wave ${wave.waveNumber}, ${technologyName(technology)}`;
      const resources = resourceLines(technology)
        .filter(({ status: value }) => isProblem(value))
        .map(({ name, status: value, detail }) => problem(value, `${name} (${where})`, detail));
      if (resources.length > 0 || !isProblem(technology.status)) return resources;
      return [problem(technology.status, where, technology.error?.message ?? '')];
    }),
  );
  return problems.length === 0
    ? html`<p>Nothing failed and nothing was skipped.</p>`
    : html`<ul class="problems">
        ${problems}
      </ul>`;
}

function isProblem(value: string): boolean {
  return value === 'failed' || value === 'skipped' || value === 'cancelled';
}

function problem(value: string, what: string, why: string): Html {
  return html`<li>${status(value)} ${what}${why === '' ? '' : `: ${why}`}</li>`;
}
