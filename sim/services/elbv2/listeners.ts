import type {
  Action,
  DescribeListenersCommandInput,
  DescribeRulesCommandInput,
  Listener,
  ModifyListenerCommandInput,
  ModifyRuleCommandInput,
  Rule,
  RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { page } from './pages.ts';
import {
  getListener,
  getLoadBalancer,
  getRule,
  listeners,
  noteChange,
  rules,
  type ListenerRow,
  type RuleRow,
} from './rows.ts';
import { assertActions, refreshUse } from './use.ts';

export function describeListeners(call: Call, input: DescribeListenersCommandInput) {
  const rows = input.ListenerArns?.length
    ? input.ListenerArns.map((arn) => getListener(call, arn))
    : listenersOf(call, getLoadBalancer(call, input.LoadBalancerArn).arn);
  const { items, marker } = page(rows, input);
  return { Listeners: items.map(listenerView), NextMarker: marker };
}

function listenersOf(call: Call, loadBalancerArn: string): ListenerRow[] {
  return listeners(call)
    .all()
    .filter((row) => row.loadBalancerArn === loadBalancerArn);
}

/** What is given replaces what was there; the list of actions as a whole. */
export function modifyListener(call: Call, input: ModifyListenerCommandInput) {
  const listener = getListener(call, input.ListenerArn);
  const actions = input.DefaultActions ?? listener.actions;
  assertActions(call, actions, listener.loadBalancerArn);
  const changed = listeners(call).patch(listener.arn, {
    actions: actions.map(ordered),
    port: input.Port ?? listener.port,
    protocol: input.Protocol ?? listener.protocol,
  });
  refreshUse(call);
  noteChange(call, { kind: 'modify-listener', arn: listener.arn, targets: [] });
  return { Listeners: [listenerView(changed)] };
}

/** Rules by priority, the default rule last. */
export function describeRules(call: Call, input: DescribeRulesCommandInput) {
  if (input.RuleArns?.length) return { Rules: input.RuleArns.map((arn) => ruleView(getRule(call, arn))) };
  const listener = getListener(call, input.ListenerArn);
  const own = rules(call)
    .all()
    .filter((rule) => rule.listenerArn === listener.arn)
    .toSorted((a, b) => a.priority - b.priority);
  const { items, marker } = page([...own.map(ruleView), defaultRule(listener)], input);
  return { Rules: items, NextMarker: marker };
}

export function modifyRule(call: Call, input: ModifyRuleCommandInput) {
  if (input.RuleArn === defaultRuleArn(input.RuleArn?.slice(0, input.RuleArn.lastIndexOf('/')))) {
    throw new ServiceError('OperationNotPermittedException', 'Default rules cannot be modified');
  }
  const rule = getRule(call, input.RuleArn);
  const actions = input.Actions ?? rule.actions;
  assertActions(call, actions, getListener(call, rule.listenerArn).loadBalancerArn);
  const changed = rules(call).patch(rule.arn, {
    actions: actions.map(ordered),
    ...conditionsOf(input.Conditions, rule),
  });
  refreshUse(call);
  noteChange(call, { kind: 'modify-rule', arn: rule.arn, targets: [] });
  return { Rules: [ruleView(changed)] };
}

function conditionsOf(
  given: readonly RuleCondition[] | undefined,
  rule: RuleRow,
): Pick<RuleRow, 'paths' | 'hosts'> {
  if (given === undefined) return { paths: rule.paths, hosts: rule.hosts };
  const valuesOf = (field: string): string[] =>
    given
      .filter((condition) => condition.Field === field)
      .flatMap(
        ({ Values, PathPatternConfig, HostHeaderConfig }) =>
          Values ?? (field === 'path-pattern' ? PathPatternConfig : HostHeaderConfig)?.Values ?? [],
      );
  return { paths: valuesOf('path-pattern'), hosts: valuesOf('host-header') };
}

function ordered(action: Action, index: number): Action {
  return { ...action, Order: action.Order ?? index + 1 };
}

function listenerView(row: ListenerRow): Listener {
  return {
    ListenerArn: row.arn,
    LoadBalancerArn: row.loadBalancerArn,
    Port: row.port,
    Protocol: row.protocol as 'HTTP',
    DefaultActions: [...row.actions],
  };
}

function ruleView(row: RuleRow): Rule {
  const condition = (Field: string, Values: readonly string[]): RuleCondition[] =>
    Values.length === 0 ? [] : [{ Field, Values: [...Values] }];
  return {
    RuleArn: row.arn,
    Priority: String(row.priority),
    Conditions: [...condition('path-pattern', row.paths), ...condition('host-header', row.hosts)],
    Actions: [...row.actions],
    IsDefault: false,
  };
}

function defaultRule(listener: ListenerRow): Rule {
  return {
    RuleArn: defaultRuleArn(listenerRuleArn(listener.arn)),
    Priority: 'default',
    Conditions: [],
    Actions: [...listener.actions],
    IsDefault: true,
  };
}

/** `…:listener/app/…` becomes `…:listener-rule/app/…`; a rule adds its own id. */
export function listenerRuleArn(listenerArn: string): string {
  return listenerArn.replace(':listener/', ':listener-rule/');
}

function defaultRuleArn(base: string | undefined): string {
  return `${base}/default`;
}
