/** What a denoiser's network predicts, without loading tfjs. */
export const PREDICTIONS = ['v', 'epsilon', 'x0'] as const;
/** v = alpha eps − sigma x0 (Salimans & Ho, arXiv 2202.00512), the noise eps, or the clean item x0. */
export type Prediction = (typeof PREDICTIONS)[number];
