import {
  Aws,
  BootstraplessSynthesizer,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  Duration,
  Fn,
  Stack,
} from 'aws-cdk-lib';
import { ArnPrincipal, ManagedPolicy, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { neededActions } from '../../../src/adapters/policy.ts';
import { OPERATIONS } from '../../../src/adapters/registry.ts';
import { CONTROL_RIGHTS } from '../../../src/hosts/control-rights.ts';
import { acknowledgeRights, statementsOf, type Rights } from '../policy.ts';
import { ENTER_TARGETS } from '../function-names.ts';
import { named, namedInStandby } from '../names.ts';
import type { Settings } from '../settings.ts';

/**
 * The role that Breakwater takes in an account whose resources it recovers. Deployed into each of them, by StackSets: the template
 * needs no assets and no bootstrap.
 */
export class TargetAccountStack extends Stack {
  constructor(scope: Construct, id: string, { settings }: { readonly settings: Settings }) {
    super(scope, id, {
      description: 'Breakwater: the role in a target account',
      synthesizer: new BootstraplessSynthesizer(),
    });
    const controlAccount = new CfnParameter(this, 'ControlAccountId', {
      description: 'The account that Breakwater runs in',
      allowedPattern: String.raw`^\d{12}$`,
    });
    const organization = new CfnParameter(this, 'OrganizationId', {
      description: 'The organization that both accounts belong to, such as o-a1b2c3d4e5',
      allowedPattern: '^o-[a-z0-9]{10,32}$',
    });
    const externalId = new CfnParameter(this, 'ExternalId', {
      description: 'As in the settings of Breakwater',
      default: settings.externalId,
      minLength: 2,
      maxLength: 1224,
    });
    const roleName = new CfnParameter(this, 'RoleName', {
      description: 'As in the settings of Breakwater',
      default: settings.targetRole,
    });
    const account = `arn:${Aws.PARTITION}:iam::${controlAccount.valueAsString}`;
    const trusted = this.#trusted(`${account}:role/`, settings);
    const role = new Role(this, 'Role', {
      roleName: roleName.valueAsString,
      description: 'Taken by Breakwater to recover what is in this account',
      maxSessionDuration: Duration.hours(1),
      assumedBy: new ArnPrincipal(`${account}:root`).withConditions({
        StringEquals: {
          'sts:ExternalId': externalId.valueAsString,
          'aws:PrincipalOrgID': organization.valueAsString,
          // Not anyone in the control account. As a condition, since a principal would have to be there already. And compared as a text:
          // ArnEquals takes wildcards.
          'aws:PrincipalArn': trusted,
        },
      }),
    });
    // One a technology: all together are longer than IAM lets a policy be.
    for (const technology of new Set(OPERATIONS.map((one) => one.technology))) {
      const actions = neededActions(OPERATIONS.filter((one) => one.technology === technology));
      this.#allow(role, technology, `What the operations of ${technology} declare that they need`, {
        actions,
      });
    }
    const control = { actions: [], more: CONTROL_RIGHTS };
    this.#allow(role, 'control', 'What the control plane needs besides', control);
    new CfnOutput(this, 'RoleArn', { value: role.roleArn });
  }

  /** The roles that may take this one, each by its ARN: those of the functions, also of a standby, and which else were named. */
  #trusted(roles: string, { roles: vended, standby, region, replica }: Settings): string[] {
    const own =
      vended === undefined
        ? this.#namedRoles(roles, (standby ? region : replica?.region) ?? '')
        : [...new Set(ENTER_TARGETS.map((name) => vended[name]))].join(',');
    const more = new CfnParameter(this, 'MoreRoleArns', {
      type: 'CommaDelimitedList',
      description:
        'Other roles of the control account that may take this one: of who runs Breakwater there as one process',
      allowedPattern: String.raw`^(arn:[\w-]+:iam::\d{12}:role/[\w+=.@/-]+)?$`,
      default: '',
    });
    const others = Fn.join(',', more.valueAsList);
    return Fn.split(',', own + this.#unlessEmpty('HasMoreRoles', others, `,${others}`));
  }

  #namedRoles(roles: string, standbyRegion: string): string {
    const region = new CfnParameter(this, 'StandbyRegion', {
      description: 'The Region of the second deployment, the standby, if there is one',
      allowedPattern: String.raw`^([a-z]{2,4}(-[a-z]+)+-\d)?$`,
      default: standbyRegion,
    }).valueAsString;
    const list = (toName: (name: string) => string): string =>
      ENTER_TARGETS.map((name) => roles + toName(name)).join(',');
    const standby = list((name) => namedInStandby(name, region));
    return list(named) + this.#unlessEmpty('HasStandby', region, `,${standby}`);
  }

  /** CloudFormation cannot put lists together, but texts. */
  #unlessEmpty(name: string, value: string, text: string): string {
    const condition = new CfnCondition(this, name, {
      expression: Fn.conditionNot(Fn.conditionEquals(value, '')),
    });
    return Fn.conditionIf(condition.logicalId, text, '').toString();
  }

  #allow(role: Role, name: string, description: string, rights: Rights): void {
    const statements = statementsOf(rights);
    const policy = new ManagedPolicy(this, `Policy-${name}`, { description, statements, roles: [role] });
    acknowledgeRights(policy, rights);
  }
}
