/** What every metric is called and measured in, and which of two values is better, without what computes it. */
export const METRIC_NAMES = ['swd', 'energy', 'frechet', 'frechet-infinity', 'kid', 'mmd', 'precision', 'recall', 'density', 'coverage', 'confident', 'memorised', 'pathwise-rmse', 'psnr', 'ssim'] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

const TO_DATA = '-to-data';
/** What rows call a metric: by its name, which means against the teacher, or against the data. */
export type RowMetric = MetricName | `${MetricName}${typeof TO_DATA}`;
export const toData = (metric: MetricName): RowMetric => `${metric}${TO_DATA}`;

/** What a row's metric means; no metric where this version does not know it. */
export function parsedMetric(name: string): { readonly metric: MetricName | undefined; readonly toData: boolean } {
  const against = name.endsWith(TO_DATA);
  const plain = against ? name.slice(0, -TO_DATA.length) : name;
  return { metric: METRIC_NAMES.find((metric) => metric === plain), toData: against };
}

/** Which of two values is better. */
export type Better = 'lower' | 'higher';

export interface MetricInfo {
  readonly label: string;
  /** For a table's head. */
  readonly short: string;
  /** Of the value, in terms of the unit x of what is compared: samples, or their features. null: none. */
  readonly units: 'x' | 'x²' | 'dB' | '%' | null;
  /** Item i of both sets must share its noise; then there is no floor from other seeds. */
  readonly paired: boolean;
  readonly better: Better;
  /** What is compared: the samples themselves, their features where an extractor is at hand, how sure a classifier is of them, or how near their features are to the training data's. */
  readonly space: 'data' | 'features' | 'confidence' | 'memory';
  /**
   * How values relate. distance: 0 for equal sets only, so that ratios mean something. estimate: of a distance without bias, about 0 and of either sign
   * for sets of one law: no multiples of a floor. level: neither; its differences count.
   */
  readonly scale: 'distance' | 'estimate' | 'level';
}

const distance = { better: 'lower', scale: 'distance', paired: false } as const;
const estimate = { better: 'lower', scale: 'estimate', paired: false, space: 'features' } as const;
const share = { better: 'higher', scale: 'level', paired: false, space: 'features', units: null } as const;
const likeness = { better: 'higher', scale: 'level', paired: true, space: 'data' } as const;

export const METRIC_INFO: Readonly<Record<MetricName, MetricInfo>> = {
  swd: { ...distance, label: 'Sliced Wasserstein distance', short: 'SWD', units: 'x', space: 'data' },
  energy: { ...distance, label: 'Energy distance', short: 'energy', units: 'x', space: 'data' },
  frechet: { ...distance, label: 'Fréchet distance', short: 'Fréchet', units: 'x²', space: 'features' },
  'frechet-infinity': { ...estimate, label: 'Fréchet distance, infinite n', short: 'Fréchet∞', units: 'x²' },
  kid: { ...estimate, label: 'Kernel distance (KID)', short: 'KID', units: null },
  mmd: { ...estimate, label: 'Gaussian MMD²', short: 'MMD²', units: null },
  precision: { ...share, label: 'Precision', short: 'precision' },
  recall: { ...share, label: 'Recall', short: 'recall' },
  density: { ...share, label: 'Density', short: 'density' },
  coverage: { ...share, label: 'Coverage', short: 'coverage' },
  confident: { ...share, space: 'confidence', label: 'Recognised with 0.95 confidence', short: 'recognised' },
  memorised: { better: 'lower', scale: 'level', paired: false, space: 'memory', units: '%', label: 'Memorised', short: 'memorised' },
  'pathwise-rmse': { ...distance, label: 'Pathwise RMSE', short: 'path RMSE', units: 'x', paired: true, space: 'data' },
  psnr: { ...likeness, label: 'PSNR', short: 'PSNR', units: 'dB' },
  ssim: { ...likeness, label: 'SSIM', short: 'SSIM', units: null },
};
