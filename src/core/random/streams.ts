/**
 * The streams of random numbers. A stream's number is part of every address, so changing one here changes all results: only add.
 * Within a stream a number is addressed by (seed, item, step, index).
 */
export const STREAM = {
  /** Initial weights of a net: item = the parameter's number. */
  weights: 1,
  /** Generated datasets: item = the item's index. */
  dataset: 2,
  /** Which item, time and noise a training example has: item = its number in the run. */
  trainingItem: 3,
  trainingTime: 4,
  trainingNoise: 5,
  /** The noise of sampling: step = fine step; the start has the last number that a step can have. */
  sampling: 6,
  /** Which paths and steps a student's batch has. */
  pathTraining: 7,
  /** Training pairs over one coarse interval. */
  localPair: 8,
  /** Random directions of sliced metrics. */
  projection: 9,
  /** Random subsets. */
  subset: 10,
  /** Signature normals that no fine path carries. */
  signature: 11,
  /** Class and guidance scale of an item of a path set. */
  condition: 12,
} as const;

/** In the streams of sampling and of fine paths: the step of the address that holds an item's start x_T. */
export const INITIAL_STEP = 0xffffffff;
/** In the stream of signatures: addresses of each step's terms, and so the deepest signature. */
export const MOST_TERMS = 256;
