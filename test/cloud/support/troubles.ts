import type { PlayName } from '../../step-functions/support/plays.ts';
import type { Trouble } from './lambda-service.ts';

/** What goes wrong in one play, besides its own plot. */
export interface Disaster {
  readonly name: string;
  readonly play: PlayName;
  readonly troubles: readonly Trouble[];
}

const BANK: PlayName = "the specification's plan, through its pause";
const RETRIED: PlayName = 'a failure that is retried, fails again and is skipped';
const STOPPED: PlayName = 'a failure that ends the execution';
const APPROVED: PlayName = 'approvals of the plan and of a wave';

/** Records are written by this call, and only by this. */
const WRITE = /TransactWriteItems$/;
/** So are turns, before anything else. */
const TURN = /TransactWriteItems of turns$/;

/** The judgement of a wave is read off the records, and writes only that the execution is to end. */
const JUDGEMENT = 'validate-wave-completion';

const OF_WAVES = ['validate-execution', 'validate-wave', JUDGEMENT, 'complete-wave', 'cleanup-execution'];

/** Each adapter, and the call that moves something. */
const EFFECTS = {
  database: /FailoverDBCluster/,
  drs: /StartRecovery/,
  application: /SendCommand/,
  infrastructure: /rrset/,
} as const;

const TECHNOLOGIES = ['database', 'drs', 'application', 'infrastructure'] as const;

const controller = (when: 'before' | 'after'): Trouble[] =>
  OF_WAVES.filter((alias) => alias !== JUDGEMENT).map((alias) => ({
    function: 'wave-controller',
    alias,
    what: 'kill',
    at: WRITE,
    when,
  }));

const kill = (where: Omit<Trouble, 'what'>): Trouble => ({ what: 'kill', ...where });

const adapters = (
  alias: string,
  of: (technology: (typeof TECHNOLOGIES)[number]) => Omit<Trouble, 'what' | 'function' | 'alias'>,
): Trouble[] =>
  TECHNOLOGIES.map((technology) =>
    kill({
      function: `adapter-${technology}`,
      alias,
      // A change of DNS can be in sync before it is polled.
      ...(technology === 'infrastructure' && alias === 'technology-poll' && { isOptional: true }),
      ...of(technology),
    }),
  );

/** Every function and every handler is killed in the middle of a call, before it has taken effect and after. */
export const DISASTERS: readonly Disaster[] = [
  {
    name: 'killed before anything that they do has taken effect',
    play: BANK,
    troubles: [
      ...controller('before'),
      ...adapters('technology-start', (technology) => ({ at: EFFECTS[technology], when: 'before' })),
      ...adapters('technology-poll', () => ({ at: WRITE, when: 'before' })),
      kill({ function: 'pause-resume', at: WRITE, when: 'before' }),
      kill({ function: 'pause-resume', at: /SendTaskSuccess/, when: 'before' }),
      kill({ function: 'api', at: /StartExecution/, when: 'before' }),
    ],
  },
  {
    name: 'killed after what they did has taken effect',
    play: BANK,
    troubles: [
      ...controller('after'),
      ...adapters('technology-start', (technology) => ({ at: EFFECTS[technology], when: 'after' })),
      kill({ function: 'pause-resume', at: WRITE, when: 'after' }),
      kill({ function: 'pause-resume', at: /SendTaskSuccess/, when: 'after' }),
      kill({ function: 'api', at: /StartExecution/, when: 'after' }),
    ],
  },
  {
    name: 'killed after they wrote down what a poll saw',
    play: BANK,
    troubles: adapters('technology-poll', () => ({ at: WRITE, when: 'after' })),
  },
  {
    name: 'killed at their first call, twice in a row',
    play: BANK,
    troubles: [1, 2].flatMap((): Trouble[] => [
      ...OF_WAVES.map((alias) => kill({ function: 'wave-controller', alias })),
      ...adapters('technology-start', () => ({})),
      ...adapters('technology-poll', () => ({})),
      kill({ function: 'pause-resume' }),
      kill({ function: 'api' }),
      kill({ function: 'jobs' }),
    ]),
  },
  {
    name: 'killed at the intents that they write before they act',
    play: BANK,
    troubles: [
      kill({ function: 'adapter-drs', alias: 'technology-start', at: TURN, when: 'after' }),
      ...adapters('technology-start', () => ({ at: WRITE, when: 'after' })),
      kill({ function: 'jobs', at: WRITE, when: 'after' }),
      kill({ function: 'api', at: WRITE, when: 'after' }),
    ],
  },
  {
    name: 'killed around a decision',
    play: RETRIED,
    troubles: [
      ...(['before', 'after'] as const).map((when) =>
        kill({ function: 'wave-controller', alias: 'apply-decision', at: WRITE, when }),
      ),
      // Decided, and written down; the state machine has not been told.
      kill({ function: 'api', at: /SendTaskSuccess/, when: 'before' }),
    ],
  },
  {
    name: 'killed around the end of a wave that failed',
    play: STOPPED,
    troubles: (['before', 'after'] as const).flatMap((when) => [
      kill({ function: 'wave-controller', alias: JUDGEMENT, at: WRITE, when }),
      kill({ function: 'wave-controller', alias: 'abort-wave', at: WRITE, when }),
      kill({ function: 'wave-controller', alias: 'cleanup-execution', at: WRITE, when }),
    ]),
  },
  {
    name: 'killed around approvals',
    play: APPROVED,
    troubles: [
      kill({ function: 'api', at: /SendTaskSuccess/, when: 'after' }),
      kill({ function: 'pause-resume', at: 2, when: 'after' }),
    ],
  },
  {
    name: 'throttled, or out of time',
    play: BANK,
    troubles: [
      { function: 'wave-controller', alias: 'validate-wave', what: 'throttle' },
      { function: 'adapter-database', alias: 'technology-start', what: 'throttle' },
      {
        function: 'adapter-drs',
        alias: 'technology-start',
        what: 'timeout',
        at: /StartRecovery/,
        when: 'after',
      },
      { function: 'adapter-drs', alias: 'technology-poll', what: 'timeout', at: /DescribeJobs/ },
      { function: 'adapter-application', alias: 'technology-start', what: 'timeout', at: /SendCommand/ },
      { function: 'wave-controller', alias: 'complete-wave', what: 'timeout', at: WRITE, when: 'after' },
    ],
  },
];
