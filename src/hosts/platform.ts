import type { Audit } from '#control/audit.ts';
import type { Control } from '#control/control.ts';
import { createControl } from '#control/create-control.ts';
import type { PlaneDeps } from '#control/plane-deps.ts';
import type { AwsCallRecord, AwsOptions } from '#aws/options.ts';
import type { BreakwaterError } from '#core/errors.ts';
import { hmacSha256, newSecret, sha256 } from './ids.ts';

/** What the control plane stands on, on any host. */
export interface Platform {
  readonly control: Control;
  /** What the parts of the control plane stand on, as `control` does. */
  readonly deps: PlaneDeps;
  readonly audit: Audit;
  readonly serverId: string;
  /** Told of each attempt of each call to AWS. */
  onAwsCall(listener: (call: AwsCallRecord) => void): void;
  /** Why nothing can go on any more, such as a full disk; `null` as long as all is well. */
  failure(): BreakwaterError | null;
}

/** The AWS that a host works in. */
export interface AwsPlace {
  readonly aws: Omit<AwsOptions, 'clock' | 'sessionName'>;
  readonly simulated: boolean;
}

/** What `platformOn` is given: what differs from host to host. */
interface Parts extends Pick<
  PlaneDeps,
  'engine' | 'store' | 'services' | 'clock' | 'events' | 'newId' | 'turns'
> {
  readonly audit: Audit;
  readonly serverId: string;
  readonly place: Pick<AwsPlace, 'simulated'>;
  readonly onAwsCall: Platform['onAwsCall'];
  readonly failure: Platform['failure'];
}

/** Puts a control plane on its parts. */
export function platformOn({ serverId, place, onAwsCall, failure, ...parts }: Parts): Platform {
  const deps: PlaneDeps = {
    ...parts,
    // Found out while AWS answers.
    get simulated() {
      return place.simulated;
    },
    hash: sha256,
    realNow: Date.now,
    newSecret,
    sign: hmacSha256,
  };
  return { control: createControl(deps), deps, audit: parts.audit, serverId, onAwsCall, failure };
}
