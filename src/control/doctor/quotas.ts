import type { AwsTarget } from '#aws/aws.ts';
import { DRS_QUOTAS } from '#aws/drs-quotas.ts';
import { hasCode } from '#core/errors.ts';
import { NOT_SIMULATED, ok, warning, type Check, type Found } from './check.ts';

interface Wanted {
  /** Its code, or a part of its name where AWS publishes no code. */
  readonly code?: string;
  readonly name: RegExp;
  readonly words: string;
  /** Less than this is a warning. */
  readonly enough: number;
}

const RAISE = 'Ask for more in Service Quotas, or plan with less.';

/** What Breakwater needs of the control account: less makes waves wait, not fail. */
const CONTROL: Readonly<Record<'lambda' | 'states', readonly Wanted[]>> = {
  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: a new account may have 10 instead of 1,000.
  lambda: [{ code: 'L-B99A9384', name: /concurrent executions/i, words: 'functions at once', enough: 200 }],
  // https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
  states: [
    { name: /StateTransition.*refill/i, words: 'state transitions a second', enough: 500 },
    { name: /StartExecution.*refill/i, words: 'starts a second', enough: 100 },
  ],
};

const DRS: readonly Wanted[] = (
  [
    ['perJob', 'servers in a job'],
    ['jobs', 'jobs at once'],
    ['inAllJobs', 'servers in all jobs'],
    ['servers', 'source servers'],
  ] as const
).map(([key, words]) => {
  const { code, name, published } = DRS_QUOTAS[key];
  return { code, name: new RegExp(`^${name}$`), words, enough: published };
});

/** Step Functions and Lambda where Breakwater runs, and DRS there. */
export function quotaChecks(target: AwsTarget, isSimulated: () => boolean): Check[] {
  const where = { target, isSimulated };
  return [
    quotaCheck('DRS', 'drs', DRS, where),
    quotaCheck('Lambda', 'lambda', CONTROL.lambda, where),
    quotaCheck('Step Functions', 'states', CONTROL.states, where),
  ];
}

/** DRS in one Region of an account; the name says where. */
export function drsQuotaFound(
  target: AwsTarget,
  isSimulated: () => boolean,
  signal: AbortSignal,
): Promise<Found> {
  return lookAtQuotas('drs', DRS, { target, isSimulated }, signal);
}

interface Where {
  readonly target: AwsTarget;
  readonly isSimulated: () => boolean;
}

function quotaCheck(name: string, service: string, wanted: readonly Wanted[], where: Where): Check {
  return {
    group: 'quotas',
    name: `${name}, ${where.target.region}`,
    look: (signal) => lookAtQuotas(service, wanted, where, signal),
  };
}

async function lookAtQuotas(
  ServiceCode: string,
  wanted: readonly Wanted[],
  { target, isSimulated }: Where,
  signal: AbortSignal,
): Promise<Found> {
  const quotas = await target.quotas.listServiceQuotas({ ServiceCode }, signal).catch((error: unknown) => {
    if (hasCode(error, 'AwsNotFound')) return null;
    throw error;
  });
  if (quotas === null)
    return isSimulated()
      ? NOT_SIMULATED
      : warning('Service Quotas knows none of this service here', 'See them in the console.');
  const seen = wanted.map((one) => {
    const quota =
      quotas.find(({ QuotaCode }) => one.code !== undefined && QuotaCode === one.code) ??
      quotas.find(({ QuotaName = '' }) => one.name.test(QuotaName));
    return { ...one, value: quota?.Value };
  });
  // A simulated AWS has those that it enforces.
  const shown = isSimulated() ? seen.filter(({ value }) => value !== undefined) : seen;
  const words = shown.map(({ words: what, value }) => `${value ?? 'unknown'} ${what}`).join(', ');
  const few = seen.filter(({ value, enough }) => value !== undefined && value < enough);
  if (few.length > 0)
    return warning(
      words,
      `${few.map(({ words: what, enough }) => `${what}: expected ${enough}`).join(', ')}. ${RAISE}`,
    );
  if (shown.some(({ value }) => value === undefined))
    return warning(words, 'Look at those that are unknown in the console of Service Quotas.');
  return ok(words);
}
