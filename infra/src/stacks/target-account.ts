import { BootstraplessSynthesizer, CfnOutput, CfnParameter, Duration, Stack, Aws } from 'aws-cdk-lib';
import { ArnPrincipal, ManagedPolicy, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { neededActions } from '../../../src/adapters/policy.ts';
import { OPERATIONS } from '../../../src/adapters/registry.ts';
import { CONTROL_RIGHTS } from '../../../src/hosts/control-rights.ts';
import { acknowledgeRights, statementsOf, type Rights } from '../policy.ts';
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
    const role = new Role(this, 'Role', {
      roleName: roleName.valueAsString,
      description: 'Taken by Breakwater to recover what is in this account',
      maxSessionDuration: Duration.hours(1),
      assumedBy: new ArnPrincipal(`${account}:root`).withConditions({
        StringEquals: {
          'sts:ExternalId': externalId.valueAsString,
          'aws:PrincipalOrgID': organization.valueAsString,
        },
        // Not anyone in the control account: the roles of its functions, and of whoever runs Breakwater as one process.
        ArnLike: { 'aws:PrincipalArn': [`${account}:role/breakwater-*`, `${account}:role/Breakwater*`] },
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
  #allow(role: Role, name: string, description: string, rights: Rights): void {
    const statements = statementsOf(rights);
    const policy = new ManagedPolicy(this, `Policy-${name}`, { description, statements, roles: [role] });
    acknowledgeRights(policy, rights);
  }
}
