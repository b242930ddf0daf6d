import { z } from 'zod';
import type { JsonObject } from '#core/json.ts';
import type { OperationContext, OperationInput, Progress } from '../contract.ts';
import { openItems, stepItems, type ItemProgress, type ItemsState } from '../shared/step-items.ts';
import { deregister, isAmong, isLeaving, isNotRegistered, register } from './register-targets.ts';
import { asInput, targetOf } from './target-group.ts';
import type { RegistrationParameters, RegistrationResources } from './target-registration-schema.ts';

const Targets = z.array(z.object({ id: z.string(), port: z.number() }));
const Group = z.object({ id: z.string(), arn: z.string(), added: Targets, removed: Targets });
const Results = z.object({
  targetGroups: z.array(z.object({ id: z.string(), arn: z.string().optional() }).loose()),
});

/** Takes out what was registered and puts back what was taken out. */
export async function undoRegistration(
  context: OperationContext,
  _input: OperationInput<RegistrationResources, RegistrationParameters>,
  results: JsonObject,
): Promise<Progress<ItemsState>> {
  const touched = Results.parse(results).targetGroups.filter(({ arn }) => arn !== undefined);
  const groups = new Map(touched.map((one) => [one.id, Group.parse(one)]));
  if (groups.size === 0) return { status: 'completed', outcomes: [], results: { targetGroups: [] } };
  return stepItems(context, openItems({ ...context, only: null }, [...groups.keys()]), {
    step: (id) => putBack(context, groups.get(id)!),
    results: (items) => ({ targetGroups: items.map(({ id, status }) => ({ id, status })) }),
  });
}

async function putBack(
  context: OperationContext,
  { arn, added, removed }: z.infer<typeof Group>,
): Promise<ItemProgress> {
  const { elbv2 } = context.aws.for(context);
  const both = asInput([...added, ...removed]);
  const health =
    both.length === 0
      ? []
      : await elbv2.describeTargetHealth({ TargetGroupArn: arn, Targets: both }, context.signal);
  const staying = health.filter((one) => isAmong(added, one) && !isLeaving(one)).map(targetOf);
  const absent = health
    .filter((one) => isAmong(removed, one) && (isNotRegistered(one) || isLeaving(one)))
    .map(targetOf);
  if (staying.length === 0 && absent.length === 0) {
    return { status: 'completed', detail: 'the targets are as they were', result: {} };
  }
  await register(context, arn, absent);
  await deregister(context, arn, staying);
  return {
    status: 'in_progress',
    waitMs: 5_000,
    detail: `${absent.length} targets put back, ${staying.length} taken out`,
  };
}
