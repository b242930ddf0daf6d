import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { Json, JSON_OPTION } from '../inputs.ts';
import { renderPlan } from '../render-deployment-plan.ts';

/** `breakwater deploy`. */
export const deployCommand = defineCommand({
  name: 'deploy',
  summary: 'show what a deployment on AWS would change (--plan), or how to deploy',
  description:
    'Makes the templates of the settings, reads those that are deployed from CloudFormation, and shows the difference: first what may lose ' +
    'records, keys, users, messages or logs, then resources, then permissions. It deploys nothing, with or without --plan: that is done by ' +
    'the CDK CLI, which asks before it widens permissions.\n' +
    'Only templates are compared: what somebody has changed by hand is not seen. The role of target accounts is not looked at: it is ' +
    'deployed by StackSets, elsewhere.',
  arguments: [],
  options: [
    { flags: '--plan', summary: 'show what would change' },
    {
      flags: '--settings <file>',
      summary: 'the settings of the deployment, as in infra/README.md (default: none)',
    },
    JSON_OPTION,
  ],
  examples: [
    'breakwater deploy --plan --settings settings.json',
    'breakwater deploy --settings settings.json',
  ],
  exits: ['ok', 'changes', 'invalid'],
  input: z.object({ plan: z.boolean().default(false), settings: z.string().optional(), json: Json }),
  run: async ({ plan, settings }, { local, output }) => {
    if (!plan) {
      const commands = commandsOf(settings);
      output.data({ commands }, () =>
        [
          'Nothing was deployed. To deploy (with the last stack come those that it depends on):',
          ...commands,
        ].join('\n'),
      );
      return 'ok';
    }
    const found = await local.deployPlan(settings === undefined ? {} : { settings });
    const changes = found.stacks.some(({ status }) => status === 'new' || status === 'changed');
    output.data({ changes, ...found }, () => renderPlan(found, output.theme));
    return changes ? 'changes' : 'ok';
  },
});

function commandsOf(settings: string | undefined): string[] {
  const given = settings === undefined ? '' : ` -- --settings ${JSON.stringify(settings)}`;
  return [
    'npm ci',
    `npm run synth -w infra${given}`,
    // With it those that it depends on: a standby has no BreakwaterRecords, and the CDK refuses a stack that is not there.
    'npx aws-cdk@2 deploy --app infra/cdk.out BreakwaterObservability',
  ];
}
