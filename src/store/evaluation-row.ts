import { z } from 'zod';

/** One measured number with everything that makes it comparable to another. */
export const EvaluationRowSchema = z.object({
  run: z.string(),
  sampler: z.string(),
  steps: z.number(),
  nfe: z.number(),
  n: z.number(),
  seed: z.number(),
  metric: z.string(),
  value: z.number(),
  /** The metric of teacher samples against teacher samples under other seeds; null where it has no such meaning (a paired error). */
  floor: z.object({ median: z.number(), min: z.number(), max: z.number() }).nullable(),
  /** Seconds that one process needs for the sampling: those of several are added up. Drawing the shared path, which only a comparison needs, is left out (but for 1000-step sampling). */
  seconds: z.number(),
  grid: z.string(),
  settings: z.record(z.string(), z.union([z.boolean(), z.number(), z.string()])),
  /** Signature terms of a student. */
  depth: z.number().nullable(),
  weights: z.enum(['ema', 'raw']),
  units: z.enum(['model', 'data']),
  reference: z.string(),
  /** A setting that was tried on fewer samples before the best was measured on all; not for comparison with anything else. */
  search: z.boolean().optional(),
  /** What made the features that were compared, with the hash of its weights; null where the samples themselves were. */
  extractor: z.string().nullish(),
});

export type EvaluationRow = z.infer<typeof EvaluationRowSchema>;
