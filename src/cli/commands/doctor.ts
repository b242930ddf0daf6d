import { z } from 'zod';
import type { CheckResult, CheckStatus } from '#control/doctor/check.ts';
import { defineCommand, type Context } from '../command.ts';
import { plain, plural } from '../format.ts';
import { DATA_DIR_OPTION, DataDir, Json, JSON_OPTION } from '../inputs.ts';
import type { Theme } from '../theme.ts';

/** `breakwater doctor`. */
export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'look whether this machine, and with --aws what Breakwater needs on AWS, is as it should be',
  description:
    'With --aws: credentials, endpoints, the clock, the records, state machines, functions and quotas of the control account, and every target ' +
    'account that the records name, in each of its Regions. Reads only. Looks at several things at once, at each for 20 s at most.\n' +
    'Warnings leave the exit code at 0. What a simulated AWS does not have is named, and is no failure.',
  arguments: [],
  options: [
    { flags: '--aws', summary: 'look at AWS as well, with the AWS credentials that are found here' },
    {
      flags: '--table-prefix <prefix>',
      summary: 'what the names of the tables begin with (default: $TABLE_PREFIX, else nothing)',
    },
    DATA_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ['breakwater doctor', 'breakwater doctor --aws', 'breakwater doctor --aws --json'],
  exits: ['ok', 'invalid'],
  input: z.object({
    aws: z.boolean().default(false),
    tablePrefix: z
      .string()
      .regex(/^[\w.-]{0,40}$/, 'expected letters, digits, dot, dash and underscore')
      .optional(),
    dataDir: DataDir,
    json: Json,
  }),
  run: async ({ aws, tablePrefix, dataDir }, context) => {
    const { local, output } = context;
    const progress = progressOn(context);
    const checks = await local
      .doctor({
        dataDir,
        aws,
        ...(tablePrefix === undefined ? {} : { tablePrefix }),
        onChange: progress.draw,
      })
      .finally(progress.end);
    const status = worstOf(checks);
    output.data({ status, checks }, () => renderChecks(checks, output.theme));
    return status === 'failed' ? 'invalid' : 'ok';
  },
});

/** What is waited for, as long as a person looks at it. */
function progressOn({ io, output }: Context): {
  readonly draw: (waiting: readonly string[], done: number) => void;
  readonly end: () => void;
} {
  if (!io.interactive || output.json) return { draw: () => {}, end: () => {} };
  const region = io.live();
  return {
    draw: (waiting, done) =>
      region.draw(
        output.theme.quiet(`${done} done, looking at ${waiting.join('; ')}`.slice(0, io.size().width - 1)),
      ),
    end: () => region.clear(),
  };
}

type Worst = Exclude<CheckStatus, 'not_simulated'>;

function worstOf(checks: readonly CheckResult[]): Worst {
  const has = (status: CheckStatus): boolean => checks.some((check) => check.status === status);
  return has('failed') ? 'failed' : has('warning') ? 'warning' : 'ok';
}

function renderChecks(checks: readonly CheckResult[], theme: Theme): string {
  const groups = [...Map.groupBy(checks, ({ group }) => group)];
  const count = (status: CheckStatus): number => checks.filter((check) => check.status === status).length;
  const others = [
    ...(count('warning') > 0 ? [plural(count('warning'), 'warning')] : []),
    ...(count('not_simulated') > 0 ? [`${count('not_simulated')} not simulated`] : []),
  ];
  const verdict =
    count('failed') > 0
      ? `${theme.bad('✗')} ${count('failed')} failed`
      : `${theme.good('✓')} Nothing stands in the way`;
  return [
    ...groups.flatMap(([group, members]) => [
      theme.strong(plain(group)),
      ...members.flatMap((member) => renderCheck(member, theme)),
      '',
    ]),
    [verdict, ...others].join(', '),
  ].join('\n');
}

function renderCheck({ name, status, found, remedy }: CheckResult, theme: Theme): string[] {
  const glyphs: Record<CheckStatus, string> = {
    ok: theme.good('✓'),
    warning: theme.attention('!'),
    failed: theme.bad('✗'),
    not_simulated: theme.quiet('–'),
  };
  return [
    `  ${glyphs[status]} ${plain(name)}: ${plain(found)}`,
    ...(remedy === '' ? [] : [`      ${theme.quiet('→')} ${plain(remedy)}`]),
  ];
}
