import type { Control } from '#control/control.ts';
import type { ExecutionView, GateAction, GateView } from '#core/view.ts';
import { plain } from './format.ts';
import type { IoHost } from './io-host.ts';
import { renderLiveView } from './live-view.ts';

export interface AskParams {
  readonly control: Control;
  readonly view: ExecutionView;
  readonly gate: GateView;
  readonly io: IoHost;
  readonly signal: AbortSignal;
}

const CHOICES: Readonly<Record<GateAction, { name: string; description: string }>> = {
  resume: { name: 'Resume', description: 'What was to be looked at is in order: go on.' },
  retry: { name: 'Retry', description: 'Start again what failed, and only that.' },
  skip: {
    name: 'Skip',
    description: 'Go on without it. The reason goes on record, and the outcome says so.',
  },
  cancel: { name: 'Cancel the execution', description: 'Stop gracefully: running work ends, clean-up runs.' },
  approve: { name: 'Approve', description: 'Let it begin. Your name goes on record.' },
  reject: { name: 'Reject', description: 'Do not let it begin. The reason goes on record.' },
};

/** Asks what to do at a gate until an answer acts, and acts. Throws `Declined` when the person leaves the question. */
export async function askAtGate({ control, view, gate, io, signal }: AskParams): Promise<void> {
  const { executionId } = view;
  const choices = [
    ...gate.actions.map((value) => ({ value, ...CHOICES[value] })),
    { value: 'show' as const, name: 'Show', description: 'See all servers first.' },
  ];
  const message = `Wave ${gate.waveNumber} waits: ${plain(gate.reason)}`;
  for (;;) {
    const answer = await io.select({ message, choices, signal });
    if (answer === 'show') {
      io.print(renderLiveView(await control.getExecution({ executionId }), snapshotOf(io, gate)));
      continue;
    }
    const reason = answer === 'skip' || answer === 'reject' ? await askReason(io, signal) : undefined;
    const act = { executionId, by: io.user, ...(reason === undefined ? {} : { reason }) };
    if (answer === 'cancel') await control.cancel(act);
    else await control.decide({ ...act, gateId: gate.gateId, action: answer });
    return;
  }
}

async function askReason(io: IoHost, signal: AbortSignal): Promise<string> {
  for (;;) {
    const reason = (await io.input({ message: 'Why? (goes on record)', signal })).trim();
    if (reason !== '') return reason;
  }
}

/** Everything, as of when the gate opened, however long it is. */
function snapshotOf(io: IoHost, gate: GateView): Parameters<typeof renderLiveView>[1] {
  return {
    now: Date.parse(gate.openedAt),
    width: io.size().width,
    height: Infinity,
    everything: true,
    color: io.color,
    frame: 0,
  };
}
