import type { HostedZone } from '@aws-sdk/client-route-53';
import type { Operation, OperationContext, OperationInput, Progress } from '../contract.ts';
import { openIntentNotes, type IntentNotes } from '../shared/intent-notes.ts';
import { openItems, stepItems, type ItemProgress, type ItemsState } from '../shared/step-items.ts';
import { noteFor, type RecordNote } from './change-records.ts';
import { assessDnsUpdate } from './dns-update-assess.ts';
import { DnsParameters, DnsResources, recordIds, type Route53Record } from './dns-update-schema.ts';
import { zoneOf } from './hosted-zones.ts';
import { planRecord } from './plan-record.ts';
import { undoDnsUpdate } from './undo-dns-update.ts';
import { zoneSteps } from './zone-steps.ts';

type Input = OperationInput<DnsResources, DnsParameters>;

/** Points records of Route 53 to where the application runs now. */
export const dnsUpdate: Operation<DnsResources, DnsParameters, ItemsState> = {
  technology: 'infrastructure',
  operation: 'dns_update',
  summary: 'changes Route 53 records, one batch a zone, and waits until all name servers have them',
  resources: DnsResources,
  parameters: DnsParameters,
  drillDefault: 'assess',
  iamActions: [
    'route53:ListHostedZones',
    'route53:ListResourceRecordSets',
    'route53:ChangeResourceRecordSets',
    'route53:GetChange',
    'elasticloadbalancing:DescribeLoadBalancers',
  ],
  assess: assessDnsUpdate,
  start: (context, input) =>
    step(context, input, openItems(context, recordIds(input.resources.route53Records))),
  poll: step,
  undo: { summary: 'puts the records back as they were', run: undoDnsUpdate },
};

async function step(
  context: OperationContext,
  { resources }: Input,
  state: ItemsState,
): Promise<Progress<ItemsState>> {
  const notes = await openIntentNotes<RecordNote>(context);
  const ids = recordIds(resources.route53Records);
  const open = state.items
    .filter(({ status }) => status === 'pending' || status === 'in_progress')
    .map(({ id }) => id);
  const unplanned = open.filter((id) => notes.get(id) === undefined);
  const zones =
    unplanned.length === 0 ? [] : await context.aws.for(context).route53.listHostedZones({}, context.signal);
  const progress = new Map<string, ItemProgress>();
  for (const id of unplanned) {
    const problem = await plan(context, {
      id,
      given: resources.route53Records[ids.indexOf(id)]!,
      zones,
      notes,
    });
    if (problem !== null) progress.set(id, problem);
  }
  const planned = open.filter((id) => notes.get(id) !== undefined);
  return stepItems(context, state, {
    step: await zoneSteps(context, { notes, keys: planned, progress }),
    results: (items) => ({ records: items.map(({ id, status, result }) => ({ id, status, ...result })) }),
  });
}

/** Writes down what is to become of a record and what it is now; answers why it cannot be changed, if so. */
async function plan(
  context: OperationContext,
  params: { id: string; given: Route53Record; zones: readonly HostedZone[]; notes: IntentNotes<RecordNote> },
): Promise<ItemProgress | null> {
  const { id, given, zones, notes } = params;
  const zone = zoneOf(zones, given);
  if ('problem' in zone) return { status: 'failed', error: { code: zone.rule, message: zone.problem } };
  const { route53 } = context.aws.for(context);
  const present = await route53.findResourceRecordSets(zone.zoneId, given.recordName, context.signal);
  const goal = await planRecord(context, given, { ...zone, present });
  if ('problem' in goal) return { status: 'failed', error: { code: goal.rule, message: goal.problem } };
  await notes.put(id, noteFor(goal, present, context.now()));
  return null;
}
