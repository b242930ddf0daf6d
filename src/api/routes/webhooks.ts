import { Webhook, type Webhooks } from '#control/webhooks.ts';
import type { AnyRoute } from '../route.ts';
import { WebhookShape } from '../shapes/webhooks.ts';
import { documentRoutes } from './document-routes.ts';

/** Receivers of the events of executions. */
export function webhooksRoutes(webhooks: Webhooks): AnyRoute[] {
  return documentRoutes({
    documents: webhooks,
    tag: 'Webhooks',
    path: '/webhooks',
    idName: 'webhookId',
    plural: 'webhooks',
    name: 'Webhook',
    noun: 'webhook',
    read: 'configuration:read',
    write: 'configuration:write',
    body: Webhook,
    shape: WebhookShape,
  });
}
