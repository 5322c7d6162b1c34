/** What every metric is called and measured in, without what computes it. Every one is a distance, so lower is better. */
export const METRIC_NAMES = ['swd', 'energy', 'frechet', 'pathwise-rmse'] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

export interface MetricInfo {
  readonly label: string;
  /** For a table's head. */
  readonly short: string;
  /** Of the value, in terms of the unit x of the samples. */
  readonly units: 'x' | 'x²';
  /** Item i of both sets must share its noise; then there is no floor from other seeds. */
  readonly paired: boolean;
}

export const METRIC_INFO: Readonly<Record<MetricName, MetricInfo>> = {
  swd: { label: 'Sliced Wasserstein distance', short: 'SWD', units: 'x', paired: false },
  energy: { label: 'Energy distance', short: 'energy', units: 'x', paired: false },
  frechet: { label: 'Fréchet distance', short: 'Fréchet', units: 'x²', paired: false },
  'pathwise-rmse': { label: 'Pathwise RMSE', short: 'path RMSE', units: 'x', paired: true },
};
