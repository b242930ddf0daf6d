import { parseDuration } from '#core/duration.ts';
import type { Operation, OperationContext, OperationInput, Progress } from '../contract.ts';
import { openIntentNotes } from '../shared/intent-notes.ts';
import { openItems, stepItems, type ItemsState } from '../shared/step-items.ts';
import { stepRegistration, type RegistrationNote } from './register-targets.ts';
import { assessRegistration } from './target-registration-assess.ts';
import { RegistrationParameters, RegistrationResources } from './target-registration-schema.ts';
import { undoRegistration } from './undo-target-registration.ts';

type Input = OperationInput<RegistrationResources, RegistrationParameters>;

/** Puts instances behind load balancers. */
export const targetRegistration: Operation<RegistrationResources, RegistrationParameters, ItemsState> = {
  technology: 'infrastructure',
  operation: 'target_registration',
  summary: 'registers instances in target groups and waits until they are healthy',
  resources: RegistrationResources,
  parameters: RegistrationParameters,
  drillDefault: 'assess',
  iamActions: [
    'elasticloadbalancing:DescribeTargetGroups',
    'elasticloadbalancing:DescribeTargetHealth',
    'elasticloadbalancing:RegisterTargets',
    'elasticloadbalancing:DeregisterTargets',
    'drs:DescribeSourceServers',
  ],
  assess: assessRegistration,
  start: (context, input) =>
    step(
      context,
      input,
      openItems(
        context,
        input.resources.targetGroups.map(({ targetGroup }) => targetGroup),
      ),
    ),
  poll: step,
  undo: { summary: 'takes out what was registered and puts back what was taken out', run: undoRegistration },
};

async function step(
  context: OperationContext,
  { resources, parameters }: Input,
  state: ItemsState,
): Promise<Progress<ItemsState>> {
  const notes = await openIntentNotes<RegistrationNote>(context);
  const entries = new Map(resources.targetGroups.map((entry) => [entry.targetGroup, entry]));
  const timeoutMs = parseDuration(parameters.healthTimeout);
  return stepItems(context, state, {
    step: (id) => stepRegistration({ context, notes, key: id }, entries.get(id)!, timeoutMs),
    results: (items) => ({
      targetGroups: items.map(({ id, status, result }) => ({ id, status, ...result })),
    }),
  });
}
