import { short } from '../core/number-text';
import { metricTitle } from './comparison';
import type { SampleSet } from './input';

/** `NFE 5 · SWD 0.055`: what stands under the name of a set of samples. */
export function setNote({ contestant }: SampleSet, metric: string): string {
  if (contestant === 'data') return 'the training set';
  const { nfe, value } = contestant;
  return `NFE ${nfe}${value === null ? '' : ` · ${metricTitle(metric).short} ${short(value.median)}`}`;
}
