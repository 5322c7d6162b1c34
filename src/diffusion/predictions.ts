import { explodes, preservesVariance, type ScheduleConfig } from '../core/schedule';

/** What a denoiser's network predicts, without loading tfjs. */
export const PREDICTIONS = ['v', 'epsilon', 'x0', 'flow', 'edm'] as const;
/**
 * v = alpha eps − sigma x0 (Salimans & Ho, arXiv 2202.00512; where variance is preserved), the noise eps, the clean item x0, the velocity of straight lines
 * u = eps − x0 (Lipman et al., arXiv 2210.02747), which on any schedule is (x − (alpha + sigma) x0) / sigma, or EDM's F, the clean item less what x itself tells
 * of it, at unit variance (Karras et al., arXiv 2206.00364; where alpha = 1 and sigma grows).
 */
export type Prediction = (typeof PREDICTIONS)[number];

/** Those that a network on a schedule may have; the first is that of our own. */
export const predictionsOn = (schedule: ScheduleConfig['name']): readonly [Prediction, ...Prediction[]] =>
  explodes(schedule) ? ['edm', 'flow', 'x0', 'epsilon'] : preservesVariance(schedule) ? ['v', 'flow', 'x0', 'epsilon'] : ['flow', 'x0', 'epsilon'];

/** Those of a teacher from whose weights a student of our own can start: near the data it stays a student of x, near noise one of x0. */
export const STARTING_PREDICTIONS: readonly Prediction[] = ['v', 'flow', 'edm'];

/** Why a prediction is not among those of a schedule. */
export const unfitting = (prediction: Prediction, schedule: ScheduleConfig['name']): string =>
  prediction === 'edm' ? 'edm is for the schedules ve and edm' : `on the schedule ${schedule} ${prediction} does not determine the item`;

/** `'flow', 'x0' or 'epsilon'`. */
export const choiceOf = (predictions: readonly Prediction[]): string => predictions.map((one) => `'${one}'`).join(', ').replace(/, ([^,]*)$/, ' or $1');
