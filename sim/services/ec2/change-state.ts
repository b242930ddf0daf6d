import type {
  InstanceStateChange,
  RebootInstancesCommandInput,
  StartInstancesCommandInput,
  StopInstancesCommandInput,
  TerminateInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import type { Call } from '#sim/kernel/contract.ts';
import {
  rebootInstance,
  startInstance,
  stateAt,
  stopInstance,
  terminateInstance,
  type Instance,
} from './instances.ts';
import { requireIds, selectRows } from './select.ts';
import { stateShape } from './views.ts';

/** What is pending or running already is answered as it is. One bad id, or one refusal, fails all. */
export function startInstances(call: Call, input: StartInstancesCommandInput) {
  return { StartingInstances: changeEach(call, input.InstanceIds, startInstance) };
}

export function stopInstances(call: Call, input: StopInstancesCommandInput) {
  return { StoppingInstances: changeEach(call, input.InstanceIds, stopInstance) };
}

export function terminateInstances(call: Call, input: TerminateInstancesCommandInput) {
  return { TerminatingInstances: changeEach(call, input.InstanceIds, terminateInstance) };
}

export function rebootInstances(call: Call, input: RebootInstancesCommandInput) {
  changeEach(call, input.InstanceIds, rebootInstance);
  return {};
}

function changeEach(
  call: Call,
  ids: readonly string[] | undefined,
  change: (call: Call, id: string) => Instance,
): InstanceStateChange[] {
  return selectRows(call, requireIds(ids)).map((row) => ({
    InstanceId: row.id,
    PreviousState: stateShape(stateAt(row, call.now)),
    CurrentState: stateShape(change(call, row.id).state),
  }));
}
