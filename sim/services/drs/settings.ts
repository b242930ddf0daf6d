import { z } from 'zod';

/** `false`: never, `true`: always, a number: the next so many. */
const Repeats = z
  .union([z.boolean(), z.int().min(0)])
  .default(false)
  .transform((given) => (given === true ? Number.MAX_SAFE_INTEGER : Number(given)));

/** Quotas that AWS publishes (DRS at scale, 2026): L-B827C881, L-D88FAC3A, L-05AFA8C6. */
const Quotas = z.strictObject({
  serversPerJob: z.int().min(1).default(100),
  jobs: z.int().min(1).default(20),
  serversInJobs: z.int().min(1).default(500),
});

/**
 * Medians of the phases of a launch, in seconds, as one recorded drill had them (two jobs of two small Linux servers).
 * `scale` multiplies everything; `sigma: 0` makes everything exact.
 */
const Timing = z.strictObject({
  scale: z.number().min(0).default(1),
  sigma: z.number().min(0).default(0.15),
  windowsSigma: z.number().min(0).default(0.3),
  queueSeconds: z.number().min(0).default(0.4),
  snapshotSecondsPerServer: z.number().min(0).default(0.2),
  gapSeconds: z.number().min(0).default(51),
  conversionSeconds: z.number().min(0).default(185),
  launchSeconds: z.number().min(0).default(295),
  endSeconds: z.number().min(0).default(2.5),
  windowsFactor: z.number().min(0).default(3),
  /** Each disk beyond the first makes conversion and launch longer by this share. */
  diskFactor: z.number().min(0).default(0.1),
  terminateSeconds: z.tuple([z.number().min(0), z.number().min(0)]).default([180, 600]),
  /** From the start of a silently failing job to its end. */
  silentFailureSeconds: z.number().min(0).default(204),
  /** Full synchronisation after StartReplication or ReverseReplication. */
  initialSyncSeconds: z
    .number()
    .min(0)
    .default(4 * 3600),
});

/** What holds for a whole Region; kept as a row. */
export const Settings = z.strictObject({
  initialized: z.boolean().default(true),
  quotas: Quotas.prefault({}),
  timing: Timing.prefault({}),
  /** Launch jobs that end COMPLETED with nothing launched, as AWS does when the caller has no rights in EC2. */
  silentFailure: Repeats,
  /** Launch jobs that DescribeJobs forgets, `vanishAfterSeconds` after they were created. */
  vanishJobs: Repeats,
  vanishAfterSeconds: z.number().min(0).default(60),
  /** Chance that a server's launch fails: 3 in 10 while converting, 7 in 10 while launching. */
  failProbability: z.number().min(0).max(1).default(0),
});
export type Settings = z.infer<typeof Settings>;
export type Timing = Settings['timing'];
