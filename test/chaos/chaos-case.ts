import fc from 'fast-check';
import { Plan } from '#core/plan.ts';
import { parseScenario, type Scenario } from '#sim/index.ts';

/** A plan, an estate that it recovers, what goes wrong there, what people do, and when the process dies. */
export interface ChaosCase {
  readonly mode: 'drill' | 'recovery';
  readonly waves: readonly ChaosWave[];
  readonly faults: readonly object[];
  readonly actions: readonly ChaosAction[];
  /** How many moments each process lives; the one after them lives on. */
  readonly lives: readonly number[];
  /** How long nobody starts the process again, by death. */
  readonly downMinutes: readonly number[];
  /** How often a person retries at the gates of a wave before skipping. */
  readonly patience: number;
}

interface ChaosWave {
  readonly dependencies: readonly number[];
  readonly pauseAfterWave: boolean;
  readonly technologies: readonly ChaosTechnology[];
}

interface ChaosTechnology {
  readonly kind: 'drs' | 'database' | 'scripts' | 'dns';
  readonly size: number;
  /** What goes wrong by itself: nothing, the first time, or every time. */
  readonly trouble: 'none' | 'once' | 'always';
  readonly criticality: 'critical' | 'optional';
  readonly onFailure: 'pause' | 'stop' | 'continue';
  readonly retries: number;
  readonly timeout: string;
  /** Whether its first server may fail (drs). */
  readonly firstIsOptional: boolean;
}

export interface ChaosAction {
  readonly atMinutes: number;
  readonly kind: 'pause' | 'resume' | 'retry' | 'skip' | 'cancel';
}

const technology: fc.Arbitrary<ChaosTechnology> = fc.record({
  kind: fc.constantFrom('drs', 'database', 'scripts', 'dns'),
  size: fc.integer({ min: 1, max: 3 }),
  trouble: fc.constantFrom('none', 'none', 'none', 'once', 'once', 'always'),
  criticality: fc.constantFrom('critical', 'critical', 'optional'),
  onFailure: fc.constantFrom('pause', 'pause', 'pause', 'pause', 'continue', 'stop'),
  retries: fc.integer({ min: 0, max: 1 }),
  timeout: fc.constantFrom('PT4H', 'PT4H', 'PT4H', 'PT6M'),
  firstIsOptional: fc.boolean(),
});

/** Each wave depends on some of those before it, or, without any, begins at once. */
const waves: fc.Arbitrary<ChaosWave[]> = fc
  .array(
    fc.record({
      before: fc.array(fc.nat(7), { maxLength: 2 }),
      pauseAfterWave: fc.boolean(),
      technologies: fc.array(technology, { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((list) =>
    list.map(({ before, ...wave }, i) => ({
      ...wave,
      dependencies: [...new Set(before.filter((one) => one < i).map((one) => one + 1))],
    })),
  );

const duration = (most: number): fc.Arbitrary<string> =>
  fc.integer({ min: 1, max: most }).map((seconds) => `PT${seconds}S`);

const window = { after: duration(3_600), for: duration(900) };

const fault: fc.Arbitrary<object> = fc.oneof(
  fc.record({ fault: fc.constant('throttle'), probability: fc.constantFrom(0.2, 0.6), ...window }),
  fc.record({
    fault: fc.constant('error'),
    code: fc.constantFrom('InternalServerException', 'InternalFailure'),
    httpStatus: fc.constant(500),
    probability: fc.constantFrom(0.2, 0.6),
    ...window,
  }),
  fc
    .constantFrom(
      ['drs', 'StartRecovery'],
      ['rds', 'FailoverDBCluster'],
      ['ssm', 'SendCommand'],
      ['route53', 'ChangeResourceRecordSets'],
    )
    .map(([service, operation]) => ({ fault: 'responseLost', service, operation, times: 2, after: 'PT1S' })),
  fc.record({
    fault: fc.constant('staleReads'),
    by: fc.constantFrom('PT5S', 'PT15S'),
    probability: fc.constantFrom(0.2, 0.5),
    ...window,
  }),
  fc.record({ fault: fc.constant('regionDown'), region: fc.constant('us-west-2'), ...window }),
);

const action: fc.Arbitrary<ChaosAction> = fc.record({
  atMinutes: fc.integer({ min: 0, max: 120 }),
  kind: fc.constantFrom('pause', 'pause', 'pause', 'resume', 'retry', 'retry', 'skip'),
});

export const chaosCase: fc.Arbitrary<ChaosCase> = fc
  .record({
    mode: fc.constantFrom('drill' as const, 'recovery' as const),
    waves,
    faults: fc.array(fault, { maxLength: 4 }),
    actions: fc.array(action, { maxLength: 5 }),
    cancelAt: fc.option(fc.integer({ min: 0, max: 120 }), { freq: 6 }),
    lives: fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 6 }),
    downMinutes: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 6, maxLength: 6 }),
    patience: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ cancelAt, actions, ...rest }) => ({
    ...rest,
    actions: cancelAt === null ? actions : [...actions, { atMinutes: cancelAt, kind: 'cancel' as const }],
  }));

/** The resources of one technology, which no other has. `place` such as `w1t0`. */
function placeOf(wave: number, index: number): string {
  return `w${wave}t${index}`;
}

export function serverIds(place: string, size: number): string[] {
  const number = Number(place.replaceAll(/\D/g, ''));
  return Array.from({ length: size }, (_, n) => `s-${(number * 16 + n + 1).toString(16).padStart(17, '0')}`);
}

export function hostIds(place: string, size: number): string[] {
  return Array.from({ length: size }, (_, n) => `i-${place}-${n}`);
}

/** The plan of a case. */
export function planOf({ waves: list }: ChaosCase): Plan {
  const places = placesOf(list);
  return Plan.parse({
    name: 'chaos',
    region: 'us-west-2',
    scripts: Object.fromEntries(
      places
        .filter(({ technology: { kind } }) => kind === 'scripts')
        .map(({ place }) => [
          place,
          { type: 'commands', commands: [`run-${place}`], targets: { tags: { chaos: place } } },
        ]),
    ),
    waves: list.map(({ technologies, ...wave }, w) => ({
      ...wave,
      waveNumber: w + 1,
      name: `Wave ${w + 1}`,
      technologies: technologies.map((one, t) => ({
        ...operationOf(one, placeOf(w + 1, t)),
        criticality: one.criticality,
        onFailure: one.onFailure,
        retry: { maxAttempts: one.retries, interval: 'PT1M' },
        timeout: one.timeout,
        drill: 'perform',
      })),
    })),
  });
}

export function placesOf(list: readonly ChaosWave[]) {
  return list.flatMap(({ technologies }, w) =>
    technologies.map((one, t) => ({
      waveNumber: w + 1,
      index: t,
      place: placeOf(w + 1, t),
      technology: one,
    })),
  );
}

function operationOf({ kind, size, firstIsOptional }: ChaosTechnology, place: string): object {
  switch (kind) {
    case 'drs':
      return {
        type: 'drs',
        operation: 'recovery',
        resources: { tags: { chaos: place } },
        optionalResources: firstIsOptional ? serverIds(place, size).slice(0, 1) : [],
      };
    case 'database':
      return { type: 'database', operation: 'failover', resources: { clusters: [place] } };
    case 'scripts':
      return { type: 'application', operation: 'scripts', resources: { scripts: [place] } };
    case 'dns':
      return {
        type: 'infrastructure',
        operation: 'dns_update',
        resources: {
          route53Records: [{ recordName: `${place}.example.com`, newValue: `new-${place}.example.net` }],
        },
      };
  }
}

/** The estate of a case. Nothing goes wrong while the plan is assessed. */
export function scenarioOf({ waves: list, faults }: ChaosCase, seed: number): Scenario {
  const places = placesOf(list);
  const of = (kind: ChaosTechnology['kind']) =>
    places.filter(({ technology: { kind: one } }) => one === kind);
  return parseScenario({
    name: 'chaos',
    seed,
    startsAt: '2026-01-07T10:00:00Z',
    accounts: [
      {
        accountId: '111122223333',
        regions: {
          'us-west-2': {
            drs: {
              sourceServers: of('drs').flatMap(({ place, technology: { size, trouble } }) =>
                serverIds(place, size).map((id, n) => ({
                  id,
                  hostname: `${place}-${n}`,
                  tags: { chaos: place },
                  originRegion: 'us-east-1',
                  ...(n > 0 || trouble === 'none'
                    ? {}
                    : { launch: 'fail-conversion', ...(trouble === 'once' ? { times: 1 } : {}) }),
                })),
              ),
            },
            rds: {
              clusters: of('database').map(({ place, technology: { trouble } }) => ({
                id: place,
                instances: 2,
                ...(trouble === 'none'
                  ? {}
                  : { failover: 'fail', ...(trouble === 'once' ? { failTimes: 1 } : {}) }),
              })),
            },
            ec2: {
              instances: of('scripts').flatMap(({ place, technology: { size } }) =>
                hostIds(place, size).map((id) => ({ id, tags: { chaos: place } })),
              ),
            },
            ssm: {
              scripts: of('scripts').map(({ place, technology: { trouble } }) => ({
                match: `run-${place}$`,
                durationSeconds: 40,
                ...(trouble === 'none'
                  ? {}
                  : {
                      exitCode: 1,
                      instances: [`i-${place}-0`],
                      ...(trouble === 'once' ? { failTimes: 1 } : {}),
                    }),
              })),
            },
          },
        },
        route53: {
          zones: [
            {
              name: 'example.com',
              records: of('dns').map(({ place }) => ({
                name: `${place}.example.com`,
                type: 'CNAME',
                values: [`old-${place}.example.net`],
              })),
            },
          ],
        },
      },
    ],
    faults,
  });
}
