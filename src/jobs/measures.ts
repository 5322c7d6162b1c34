/** What an evaluation measures, and what that needs: told before anything is computed, by the command that plans it and again by its job. */
import { SigdegError } from '../core/errors';
import type { Dataset } from '../data/dataset';
import { SSIM_WINDOW } from '../metrics/likeness';
import { METRIC_INFO, toData, type MetricName, type RowMetric } from '../metrics/names';
import type { EvaluationSection } from './config-evaluation';
import { checkDataSets } from './data-sets';

/** One number of every set. */
export interface Measure {
  readonly metric: MetricName;
  readonly reference: 'teacher' | 'data';
  /** What rows call it. */
  readonly name: RowMetric;
}

/** Whether a metric looks at a set alone. */
export const ofOneSet = (metric: MetricName): boolean => ['confidence', 'memory'].includes(METRIC_INFO[metric].space);

/** What an evaluation measures. A paired error has no meaning against the data, and what is of one set alone is the same against whatever. */
export function measuresOf({ metrics, toData: alsoData }: Pick<EvaluationSection, 'metrics' | 'toData'>): Measure[] {
  const toTeacher = metrics.map((metric): Measure => ({ metric, reference: 'teacher', name: metric }));
  const others = metrics.filter((metric) => alsoData && !METRIC_INFO[metric].paired && !ofOneSet(metric));
  return [...toTeacher, ...others.map((metric): Measure => ({ metric, reference: 'data', name: toData(metric) }))];
}

/** Of the metrics that look at the nearest ones, with the item itself. */
const NEIGHBOURS = 6;

/**
 * What the metrics themselves would refuse, but only after hours of sampling.
 * @param data what is known of the dataset, asked only where a metric needs it; undefined where nothing is
 * @throws SigdegError BAD_CONFIG
 */
export function checkMeasures(evaluation: Pick<EvaluationSection, 'metrics' | 'toData' | 'seeds' | 'count' | 'searchCount'>, data: () => Pick<Dataset, 'name' | 'itemShape' | 'count'> | undefined): void {
  const { metrics, seeds, count, searchCount = count } = evaluation;
  const fewest = Math.min(count, searchCount);
  for (const metric of metrics) {
    if (['precision', 'recall', 'density', 'coverage'].includes(metric) && fewest < NEIGHBOURS) throw unmeasurable(metric, `at least ${NEIGHBOURS} samples a set, found ${fewest}`);
    if (metric !== 'psnr' && metric !== 'ssim') continue;
    const { itemShape } = data() ?? {};
    if (itemShape && itemShape.length !== 3) throw unmeasurable(metric, `pictures, and the data's items are [${itemShape.join(', ')}]`);
    if (itemShape && metric === 'ssim' && Math.min(itemShape[0]!, itemShape[1]!) < SSIM_WINDOW) throw unmeasurable(metric, `pictures of at least ${SSIM_WINDOW} × ${SSIM_WINDOW} pixels, and the data's are ${itemShape[0]!} × ${itemShape[1]!}`);
  }
  const known = measuresOf(evaluation).some(({ reference }) => reference === 'data') ? data() : undefined;
  if (known) checkDataSets(known, seeds, count);
}

export const unmeasurable = (metric: MetricName, needed: string): SigdegError =>
  new SigdegError('BAD_CONFIG', `evaluation.metrics: '${metric}' needs ${needed}: change that, or leave the metric out`);
