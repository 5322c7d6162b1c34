/** Measures sample sets: every metric of an evaluation against the teacher's samples of other seeds and, where asked for, against the data. */
import { sizeOf } from '../core/shape';
import { mean, summary, type Summary } from '../core/statistics';
import { METRICS } from '../metrics/metrics';
import { METRIC_INFO, type MetricInfo, type MetricName } from '../metrics/names';
import { noiseFloor } from '../metrics/noise-floor';
import type { Extractor } from './extractors';
import { ofOneSet, type Measure } from './measures';
import type { Nearness } from './memory';

export interface JudgeOptions {
  readonly itemShape: readonly number[];
  readonly extractor: Extractor;
  /** For `memorised`. */
  readonly nearness?: Nearness | undefined;
  /** Of the directions and subsets of some metrics. */
  readonly seed: number;
  /** Items of a paired error. */
  readonly pairedCount: number;
  /** Sets [n, …item] flat, one a seed: the k-th of each kind goes with the k-th seed. */
  readonly references: { readonly teacher: readonly Float32Array[]; readonly data?: readonly Float32Array[] | undefined };
}

/**
 * A set drawn under one seed is compared with the references of every OTHER seed, and the mean is that seed's value, so that sharing noise flatters nobody; the
 * floor is the reference against itself in the same way. A paired error is measured on the same seed, which is the same path.
 */
export class Judge {
  private readonly summaries = new Map<string, readonly unknown[]>();
  private readonly extracted = new WeakMap<Float32Array, Map<string, Float32Array>>();

  constructor(private readonly options: JudgeOptions) {}

  value(measure: Measure, samples: Float32Array, k: number): number {
    const { paired } = METRIC_INFO[measure.metric];
    const own = measure.reference === 'teacher' && samples === this.options.references.teacher[k] ? this.references(measure)[k] : this.summarise(measure.metric, samples);
    const against = this.references(measure).filter((_, other) => (other === k) === paired);
    return mean(against.map((summary) => METRICS[measure.metric].distance(own, summary)));
  }

  /** Null for a paired error, which has none. */
  floor(measure: Measure): Summary | null {
    const metric = METRICS[measure.metric];
    // Pairs would count the first set twice and the last one never.
    if (ofOneSet(measure.metric)) return summary(this.references(measure).map((own) => metric.distance(own, own)));
    return METRIC_INFO[measure.metric].paired ? null : noiseFloor(this.references(measure), (a, b) => metric.distance(a, b));
  }

  private references(measure: Measure): readonly unknown[] {
    const known = this.summaries.get(measure.name);
    if (known) return known;
    const summaries = this.options.references[measure.reference]!.map((samples) => this.summarise(measure.metric, samples));
    this.summaries.set(measure.name, summaries);
    return summaries;
  }

  private summarise(metric: MetricName, samples: Float32Array): unknown {
    const { paired, space } = METRIC_INFO[metric];
    const { itemShape, extractor, seed, pairedCount } = this.options;
    const size = sizeOf(itemShape);
    if (space === 'data') return METRICS[metric].summarise(paired ? samples.subarray(0, pairedCount * size) : samples, itemShape, seed);
    return METRICS[metric].summarise(this.extract(space, samples), space === 'features' ? [extractor.dimension] : [1], seed);
  }

  /** Several metrics of a set look at the same features. */
  private extract(space: Exclude<MetricInfo['space'], 'data'>, samples: Float32Array): Float32Array {
    const { extractor, nearness } = this.options;
    const of = this.extracted.get(samples) ?? new Map<string, Float32Array>();
    this.extracted.set(samples, of);
    const known = of.get(space) ?? (space === 'features' ? extractor.features(samples) : space === 'memory' ? nearness!(this.extract('features', samples)) : extractor.confidence!(samples));
    of.set(space, known);
    return known;
  }
}
