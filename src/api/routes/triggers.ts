import { permissionFor, Trigger, type Triggers } from '#control/triggers/triggers.ts';
import { isAllowed } from '#core/permissions.ts';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { forbidden } from '../register-route.ts';
import { defineRoute, type AnyRoute } from '../route.ts';
import { FiredShape, TriggerShape } from '../shapes/triggers.ts';
import { documentRoutes } from './document-routes.ts';

const tag = 'Triggers';

/** Of an event only its id is needed; what else it must have, the pattern says. */
const IncomingEvent = z
  .looseObject({ id: z.string().regex(/^[\w.:/+=@-]{1,256}$/, 'expected the id of an event') })
  .meta({ id: 'IncomingEvent' });

/** Executions that start by events. */
export function triggersRoutes(triggers: Triggers): AnyRoute[] {
  return [
    ...documentRoutes({
      documents: triggers,
      tag,
      path: '/triggers',
      idName: 'triggerId',
      plural: 'triggers',
      name: 'Trigger',
      noun: 'trigger',
      read: 'trigger:read',
      write: 'trigger:write',
      body: Trigger,
      shape: TriggerShape,
    }).map(forThoseWhoMayStart),
    defineRoute({
      method: 'POST',
      path: '/triggers/{triggerId}/events',
      permission: 'trigger:fire',
      operationId: 'fireTrigger',
      tag,
      summary: 'Takes an event of EventBridge, as an API destination sends it',
      description:
        'An event that does not match, has come before within 24 hours, or comes too soon after the last start is taken and starts nothing.',
      params: z.strictObject({ triggerId: z.string().min(1).max(128) }),
      body: IncomingEvent,
      responses: { 202: FiredShape },
      handle: async (asked) => ({
        status: 202,
        body: await triggers.fire(asked.params.triggerId, asked.body, actorOf(asked)),
      }),
    }),
  ];
}

/** A trigger acts for whoever makes or changes it. */
function forThoseWhoMayStart(route: AnyRoute): AnyRoute {
  if (route.method !== 'POST' && route.method !== 'PUT') return route;
  return {
    ...route,
    description: 'Needs `execution:start-drill` or `execution:start-recovery` besides, by its mode.',
    handle: async (asked) => {
      const needed = permissionFor(asked.body as Trigger);
      if (!isAllowed(asked.principal!, needed)) throw forbidden(asked.principal!, [needed]);
      return route.handle(asked);
    },
  };
}
