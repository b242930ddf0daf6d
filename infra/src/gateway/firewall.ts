import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { addLogGroup } from '../log-group.ts';
import { arnOf, named } from '../names.ts';
import type { Settings } from '../settings.ts';

/** Of one address, in five minutes. A client that follows an execution asks once a second. */
const MOST_REQUESTS = 5_000;

/** Rules of AWS that only count, and why. */
const COUNTED: Readonly<Record<string, string>> = {
  SizeRestrictions_BODY:
    'it refuses more than 8 KB, and plans are larger; API Gateway and the function have limits of their own',
  GenericRFI_BODY: 'it refuses addresses with an IP in them, and scripts of a plan are given such',
  CrossSiteScripting_BODY:
    'it takes the markup in parameters of scripts for an attack; reports escape all that they show',
};

/** Puts a web firewall (AWS WAF) before a stage. What it refuses is logged, without tokens. */
export function addFirewall(scope: Construct, stageArn: string, settings: Settings): void {
  const acl = new CfnWebACL(scope, 'Firewall', {
    name: named('api'),
    description: 'Before the API of Breakwater',
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    visibilityConfig: visible('firewall'),
    rules: [
      { ...managed('AWSManagedRulesCommonRuleSet', Object.keys(COUNTED)), priority: 0 },
      { ...managed('AWSManagedRulesKnownBadInputsRuleSet'), priority: 1 },
      {
        name: 'rate',
        priority: 2,
        action: { block: {} },
        statement: {
          rateBasedStatement: { limit: MOST_REQUESTS, evaluationWindowSec: 300, aggregateKeyType: 'IP' },
        },
        visibilityConfig: visible('rate'),
      },
    ],
  });
  new CfnWebACLAssociation(scope, 'FirewallOfStage', { resourceArn: stageArn, webAclArn: acl.attrArn });
  // WAF takes only log groups of this prefix.
  const logGroupName = `aws-waf-logs-${named('api')}`;
  const logs = addLogGroup(scope, 'FirewallLogs', logGroupName, settings);
  const logging = new CfnLoggingConfiguration(scope, 'FirewallLogging', {
    resourceArn: acl.attrArn,
    // Not as CloudFormation names it, with `:*` at its end.
    logDestinationConfigs: [arnOf('logs', `log-group:${logGroupName}`)],
    redactedFields: ['authorization', 'x-api-key'].map((Name) => ({ singleHeader: { Name } })),
    loggingFilter: {
      DefaultBehavior: 'DROP',
      Filters: [
        {
          Behavior: 'KEEP',
          Requirement: 'MEETS_ANY',
          Conditions: ['BLOCK', 'COUNT', 'EXCLUDED_AS_COUNT'].map((Action) => ({
            ActionCondition: { Action },
          })),
        },
      ],
    },
  });
  logging.node.addDependency(logs);
}

function managed(name: string, counted: readonly string[] = []): Omit<CfnWebACL.RuleProperty, 'priority'> {
  return {
    name,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visible(name),
  };
}

function visible(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { metricName: named(metricName), cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false };
}
