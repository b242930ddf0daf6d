import { z } from 'zod';
import { urlProblem } from '../outgoing-address.ts';

const PublicWebhook = z.strictObject({
  type: z.literal('webhook'),
  /** https, or http to this very machine. */
  url: z
    .string()
    .max(2_048)
    .superRefine((url, context) => {
      const message = urlProblem(url);
      if (message !== null) context.addIssue({ code: 'custom', message });
    }),
});
/** As it is sent in: a secret of one's own may come with it, else one is made. */
const Webhook = PublicWebhook.extend({ secret: z.string().min(16).max(256).optional() });

/** Topics and buses name their account and Region themselves; another account is entered by its target account. */
const Topic = z.strictObject({
  type: z.literal('sns'),
  topicArn: z
    .string()
    .regex(/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'expected the ARN of a standard SNS topic'),
});
const Bus = z.strictObject({
  type: z.literal('eventBridge'),
  eventBusArn: z
    .string()
    .regex(
      /^arn:aws[\w-]*:events:[a-z0-9-]+:\d{12}:event-bus\/[\w./-]{1,256}$/,
      'expected the ARN of an EventBridge event bus',
    ),
});

/** Where events go: as it is sent in. */
export const TargetInput = z.discriminatedUnion('type', [Webhook, Topic, Bus]);
export type TargetInput = z.infer<typeof TargetInput>;

/** As an export shows it: without a secret. */
export const PublicTarget = z.discriminatedUnion('type', [PublicWebhook, Topic, Bus]);
export type PublicTarget = z.infer<typeof PublicTarget>;

export type KeptWebhook = z.infer<typeof Webhook> & { readonly secret: string };
/** As it is kept. */
export type Target = KeptWebhook | z.infer<typeof Topic> | z.infer<typeof Bus>;

/** Keeps the secret that came with it, else takes one. */
export function withSecret(to: TargetInput, secretOf: () => string): Target {
  return to.type === 'webhook' ? { ...to, secret: to.secret ?? secretOf() } : to;
}

/** As it is shown. */
export function withoutSecret(to: Target): PublicTarget {
  if (to.type !== 'webhook') return to;
  const { secret: _, ...shown } = to;
  return shown;
}
