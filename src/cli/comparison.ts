import { short } from '../core/number-text';
import { metricTitle, settingTitle, type ComparisonLine } from '../report/comparison';
import { table } from './table';

export { comparisonLines, type ComparisonLine } from '../report/comparison';

/** A comparison as text, its metric named by `metric`. */
export const comparisonTable = (lines: readonly ComparisonLine[], metric = 'swd'): string =>
  table(lines, [
    { title: 'sampler', text: (l) => (l.depth === null ? l.sampler : `${l.sampler} m=${l.depth}`) },
    { title: 'NFE', align: 'right', text: (l) => String(l.nfe) },
    { title: metricTitle(metric).short, align: 'right', text: (l) => (l.value === null ? '-' : short(l.value.median)) },
    { title: 'range', align: 'right', text: (l) => (l.value === null ? '-' : `${short(l.value.min)}-${short(l.value.max)}`) },
    { title: 'x floor', align: 'right', text: (l) => (l.value === null || l.floor === null ? '-' : (l.value.median / l.floor.median).toFixed(2)) },
    { title: 'path RMSE', align: 'right', text: (l) => (l.rmse === null ? '-' : short(l.rmse.median)) },
    { title: 'time', align: 'right', text: (l) => `${short(l.seconds)} s` },
    { title: 'best setting', text: settingTitle },
  ]);
