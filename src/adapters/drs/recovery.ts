import { z } from 'zod';
import type { JsonObject } from '#core/json.ts';
import type { Finding } from '#core/outcome.ts';
import { Tags } from '#core/plan.ts';
import { schemaFindings } from '#core/schema-findings.ts';
import type { Assessment, Operation, OperationInput, Progress } from '../contract.ts';
import { nativeRecovery } from './native-recovery.ts';
import { RecoveryParameters, RecoveryResources, SELECTS_NOTHING } from './recovery-schema.ts';
import type { RecoveryState } from './recovery-state.ts';
import { assessRemote } from './remote-assess.ts';
import { cancelRemote, pollRemote, startRemote, undoRemote } from './remote-recovery.ts';
import { RemoteParameters, RemoteResources, type RemoteInput } from './remote-schema.ts';
import type { RemoteState } from './remote-state.ts';
import { undoDrill } from './undo-drill.ts';

/** Of either way to recover; which of them go with the `integration` that the parameters name, `choose` says. */
const Resources = z
  .strictObject({ ...RecoveryResources.shape, tags: Tags.optional() })
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    message: SELECTS_NOTHING,
  });
const Parameters = z.discriminatedUnion('integration', [RecoveryParameters, RemoteParameters]);

type Input = OperationInput<z.infer<typeof Resources>, z.infer<typeof Parameters>>;
type NativeInput = OperationInput<RecoveryResources, RecoveryParameters>;
type Choice =
  | { readonly native: NativeInput }
  | { readonly remote: RemoteInput }
  | { readonly findings: readonly Finding[] };

/** Launches DRS servers: by calls to DRS, or (`integration: api`) by a plan of a DRS solution that exists already. */
export const recovery: Operation<Input['resources'], Input['parameters']> = {
  ...nativeRecovery,
  resources: Resources,
  parameters: Parameters,
  assess(context, input) {
    const choice = choose(input);
    if ('native' in choice) return nativeRecovery.assess(context, choice.native);
    if ('remote' in choice) return assessRemote(context, choice.remote);
    return Promise.resolve(refused(choice.findings));
  },
  start(context, input) {
    const choice = choose(input);
    if ('native' in choice) return nativeRecovery.start(context, choice.native);
    if ('remote' in choice) return startRemote(context, choice.remote);
    return Promise.resolve(failed(choice.findings));
  },
  poll(context, input, state) {
    const choice = choose(input);
    if ('native' in choice) return nativeRecovery.poll(context, choice.native, state as RecoveryState);
    if ('remote' in choice) return pollRemote(context, choice.remote, state as RemoteState);
    return Promise.resolve(failed(choice.findings));
  },
  async cancel(context, input, state) {
    const choice = choose(input);
    return 'remote' in choice ? cancelRemote(context, choice.remote, state as RemoteState) : null;
  },
  undo: {
    summary: 'terminates the recovery instances of a drill',
    run(context, input, results) {
      const choice = choose(input);
      return 'remote' in choice
        ? undoRemote(context, choice.remote, results)
        : undoDrill(context, input as NativeInput, results);
    },
  },
};

function choose({ resources, parameters }: Input): Choice {
  const isRemote = parameters.integration === 'api';
  const findings = schemaFindings(isRemote ? RemoteResources : RecoveryResources, resources);
  if (findings.length > 0) return { findings: findings.map((finding) => explained(finding, isRemote)) };
  return isRemote
    ? { remote: { resources: resources as RemoteResources, parameters } }
    : { native: { resources, parameters } };
}

function explained(finding: Finding, isRemote: boolean): Finding {
  const path = ['resources', finding.path].filter(Boolean).join('.');
  if (!isRemote || finding.rule !== 'FieldUnknown') return { ...finding, path };
  return {
    ...finding,
    path,
    message: `${finding.path} does not go with integration: api, where the recovery plan there names its servers`,
    remedy:
      'Remove it, or leave out integration and solution, so that Breakwater launches the servers itself.',
  };
}

function refused(findings: readonly Finding[]): Assessment {
  return { findings, resources: [], calls: [], quotas: [], estimatedMs: 0, estimateBasis: 'it cannot start' };
}

function failed(findings: readonly Finding[]): Progress<JsonObject> {
  const message = findings.map(({ path, message: text }) => `${path}: ${text}`).join('; ');
  return { status: 'failed', outcomes: [], results: {}, error: { code: 'PlanInvalid', message } };
}
