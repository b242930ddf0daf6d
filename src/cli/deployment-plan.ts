/** What a deployment would change, as `infra/src/plan.ts` finds it out. */
export interface DeploymentPlan {
  readonly region: string;
  readonly stacks: readonly StackPlan[];
}

export interface StackPlan {
  readonly stack: string;
  /** `left`: deployed, and no longer among the stacks that the settings ask for. */
  readonly status: 'new' | 'changed' | 'same' | 'left';
  readonly resources: readonly ResourcePlan[];
  /** Statements of policies that come or go, in words. */
  readonly permissions: readonly PermissionPlan[];
  /** Somebody may do more than before. */
  readonly broadens: boolean;
  /** Of parameters, outputs, conditions and the like. */
  readonly others: number;
}

export interface ResourcePlan {
  readonly id: string;
  readonly type: string;
  /** `forget`: it stays, but no longer belongs to the stack. */
  readonly change: 'add' | 'update' | 'may_replace' | 'replace' | 'remove' | 'forget';
  /** Which of its properties change. */
  readonly properties: readonly string[];
  /** It holds what cannot be made again: records, keys, users, messages, logs. */
  readonly stateful: boolean;
}

export interface PermissionPlan {
  readonly change: 'add' | 'remove';
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly principals: readonly string[];
  /** It holds under conditions only. */
  readonly conditional: boolean;
}
