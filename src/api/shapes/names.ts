import { Schedule } from '#control/triggers/schedules.ts';
import { Settings } from '#control/settings.ts';
import { PublicSubscription, Subscription } from '#control/subscriptions/subscriptions.ts';
import { TargetAccount } from '#control/target-accounts.ts';
import { Trigger } from '#control/triggers/triggers.ts';
import { Approval, Plan, ProtectionGroup, Script, ScriptTargets, Technology, Wave } from '#core/plan.ts';
import { z } from 'zod';

const NAMES = {
  Plan,
  Wave,
  Technology,
  ApprovalRule: Approval,
  Script,
  ScriptTargets,
  ProtectionGroup,
  TargetAccount,
  Settings,
  ScheduleDefinition: Schedule,
  TriggerDefinition: Trigger,
  SubscriptionDefinition: Subscription,
  PublicSubscription,
};

/** Says what schemas of other rooms are called in the description; the API's own say it themselves, by `.meta({ id })`. */
export function nameShapes(): void {
  for (const [id, schema] of Object.entries(NAMES)) z.globalRegistry.add(schema, { id });
}
