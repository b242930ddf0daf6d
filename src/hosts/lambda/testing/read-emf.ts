import { z } from 'zod';

/**
 * Embedded metric format as CloudWatch takes it, by the JSON schema and the rules of its specification.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
const Document = z
  .looseObject({
    _aws: z.strictObject({
      Timestamp: z.int().positive(),
      CloudWatchMetrics: z
        .array(
          z.strictObject({
            Namespace: z.string().min(1).max(1024),
            Dimensions: z.array(z.array(z.string().min(1).max(250)).max(30)).min(1),
            Metrics: z
              .array(
                z.strictObject({
                  Name: z.string().min(1).max(1024),
                  Unit: z.enum(['Count', 'Seconds', 'Milliseconds', 'Bytes', 'Percent', 'None']).optional(),
                  StorageResolution: z.literal([1, 60]).optional(),
                }),
              )
              .min(1)
              .max(100),
          }),
        )
        .min(1),
    }),
  })
  .superRefine(({ _aws: metadata, ...document }, context) => {
    const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
    for (const { Dimensions, Metrics } of metadata.CloudWatchMetrics) {
      for (const name of Dimensions.flat()) {
        const value = document[name];
        if (typeof value !== 'string' || value.length === 0 || value.length > 1024)
          refuse(`dimension ${name} has no text at the root`);
      }
      for (const { Name } of Metrics)
        if (!Number.isFinite(document[Name])) refuse(`metric ${Name} has no number at the root`);
    }
  });

/** The members of a line at its root, without `_aws`. Throws for a line that CloudWatch would not take. */
export function readEmf(line: string): Record<string, unknown> {
  if (line.includes('\n')) throw new TypeError('more than one line');
  const { _aws: _, ...root } = Document.parse(JSON.parse(line));
  return root;
}
