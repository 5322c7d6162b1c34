/** The seed of the evaluation's k-th set: far from the seeds that a user would pick for pictures. The previews of students have that of the first. */
export const evaluationSeed = (seed: number, k: number): number => seed + 1_000_003 * (k + 1);
