/** What a denoiser's network predicts, without loading tfjs. */
export const PREDICTIONS = ['v', 'epsilon', 'x0', 'flow'] as const;
/**
 * v = alpha eps − sigma x0 (Salimans & Ho, arXiv 2202.00512; where variance is preserved), the noise eps, the clean item x0, or the velocity of straight lines
 * u = eps − x0 (Lipman et al., arXiv 2210.02747), which on any schedule is (x − (alpha + sigma) x0) / sigma.
 */
export type Prediction = (typeof PREDICTIONS)[number];
