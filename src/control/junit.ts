import { parseDuration } from '#core/duration.ts';
import type { ResourceOutcome } from '#core/outcome.ts';
import type { ExecutionView, TechnologyView, WaveView } from '#core/view.ts';

interface Case {
  readonly name: string;
  readonly classname: string;
  readonly seconds: number;
  readonly failure?: { readonly message: string; readonly type: string };
  readonly skipped?: string;
}

/**
 * An execution as JUnit XML, which pipelines show: a suite a wave, a case a resource. A technology that ended without any
 * outcome of a resource is a case of its own, so that no failure is lost.
 */
export async function junitOf(view: ExecutionView): Promise<string> {
  // Large, and wanted by few: whoever starts soon and often does not load it.
  const { create } = await import('xmlbuilder2');
  const suites = view.waves.map((wave) => ({ wave, cases: casesOf(wave) }));
  const all = suites.flatMap(({ cases }) => cases);
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', {
    name: sayable(`${view.mode} of ${view.planName}`),
    ...totals(all),
  });
  for (const { wave, cases } of suites) {
    const suite = root.ele('testsuite', {
      name: sayable(`Wave ${wave.waveNumber}: ${wave.name}`),
      timestamp: (wave.startedAt ?? view.startedAt).replace(/\.\d+Z$|Z$/, ''),
      ...totals(cases),
      errors: 0,
    });
    for (const { name, classname, seconds, failure, skipped } of cases) {
      const one = suite.ele('testcase', {
        name: sayable(name),
        classname: sayable(classname),
        time: seconds.toFixed(3),
      });
      if (failure) {
        const message = sayable(failure.message);
        one.ele('failure', { message, type: sayable(failure.type) }).txt(message);
      }
      if (skipped) one.ele('skipped', { message: sayable(skipped) });
    }
  }
  return root.end({ prettyPrint: true });
}

/** XML 1.0 has no way to say control characters, not even escaped, nor half of a surrogate pair. */
function sayable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}

function totals(cases: readonly Case[]): { tests: number; failures: number; skipped: number; time: string } {
  return {
    tests: cases.length,
    failures: cases.filter(({ failure }) => failure !== undefined).length,
    skipped: cases.filter(({ skipped }) => skipped !== undefined).length,
    time: cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3),
  };
}

function casesOf(wave: WaveView): Case[] {
  return wave.technologies.flatMap((technology) => {
    const classname = `wave-${wave.waveNumber}.${technology.type}.${technology.operation}`;
    const cases = technology.outcomes.map((outcome) => caseOf(outcome, technology, classname));
    const isTold = cases.some(({ failure }) => failure !== undefined);
    return cases.length > 0 && (isTold || technology.status !== 'failed')
      ? cases
      : [...cases, caseOfTechnology(technology, classname)];
  });
}

function caseOf(outcome: ResourceOutcome, { names }: TechnologyView, classname: string): Case {
  const { resourceId, status, error, detail, startedAt, completedAt } = outcome;
  const name = names[resourceId] ?? resourceId;
  const seconds =
    startedAt === undefined || completedAt === undefined
      ? 0
      : (Date.parse(completedAt) - Date.parse(startedAt)) / 1_000;
  return { name, classname, seconds, ...verdictOf(status, error, detail) };
}

function caseOfTechnology(technology: TechnologyView, classname: string): Case {
  const { name, type, operation, executionTime, status, error, detail } = technology;
  const seconds = executionTime === undefined ? 0 : parseDuration(executionTime) / 1_000;
  return { name: name ?? `${type}/${operation}`, classname, seconds, ...verdictOf(status, error, detail) };
}

/** What has not been done is skipped; only what was done and went well counts as passed. */
function verdictOf(
  status: string,
  error: { readonly code: string; readonly message: string } | undefined,
  detail: string | undefined,
): Pick<Case, 'failure' | 'skipped'> {
  if (status === 'failed')
    return { failure: { type: error?.code ?? 'failed', message: error?.message ?? detail ?? 'failed' } };
  return status === 'completed' ? {} : { skipped: detail ?? status };
}
