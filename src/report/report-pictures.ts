/** Which pictures a report has, by the data that there are. The same drawings make the page (in its own colours) and PNG files. */
import { sizeOf } from '../core/shape';
import { metricsOf, metricTitle, primaryMetric } from './comparison';
import { depthHeatMap, depthTable, isTable } from './heat-map';
import { pictureShape } from './image-channels';
import type { ReportInput } from './input';
import { lossChart } from './loss-chart';
import { qualityChart } from './quality-chart';
import { sampleRows } from './sample-rows';
import { scatterGrid, scatterPanel, sharedLimits } from './scatter';
import type { Theme } from './theme';

export interface ReportPicture {
  /** File name without its ending: `quality-swd`. */
  readonly name: string;
  readonly section: 'Quality' | 'Depth' | 'Samples' | 'Training';
  readonly caption: string;
  readonly draw: (theme: Theme) => string;
  /** The same in pieces, for a page that arranges them by its width. */
  readonly panels?: (theme: Theme) => string[];
}

export function reportPictures({ rows, samples, losses }: ReportInput): ReportPicture[] {
  const metrics = metricsOf(rows);
  const metric = primaryMetric(rows);
  const quality = metrics.filter((name) => rows.some((row) => row.metric === name && !isReference(row))).map((name): ReportPicture => ({
    name: `quality-${name}`,
    section: 'Quality',
    caption: `${bandCaption(name)} ${metricTitle(name).better === 'lower' ? 'Lower' : 'Higher'} is better; bars span the seeds.`,
    draw: (theme) => qualityChart(rows, name, theme),
  }));
  const depth = metrics.map((name) => ({ name, table: depthTable(rows, name) })).filter(({ table }) => isTable(table)).map(({ name, table }): ReportPicture => ({
    name: `depth-${name}`,
    section: 'Depth',
    caption: 'Medians of the students by signature depth and number of evaluations.',
    draw: (theme) => depthHeatMap(table, name, theme),
  }));
  const pictures = [...quality, ...depth];
  if (samples !== undefined && samples.sets.length > 0) {
    const { itemShape, sets } = samples;
    const dimension = sizeOf(itemShape);
    pictures.push(pictureShape(itemShape) !== undefined ? {
      name: 'samples',
      section: 'Samples',
      caption: 'Rows share their noise, column by column.',
      draw: (theme) => sampleRows(sets, itemShape, metric, theme),
    } : {
      name: 'samples',
      section: 'Samples',
      caption: `${dimension === 1 ? 'Histograms' : dimension === 2 ? 'Densities' : 'Densities of the first two coordinates'}, all panels on the same limits.`,
      draw: (theme) => scatterGrid(sets, dimension, metric, theme),
      panels: (theme) => sets.map((set, i) => scatterPanel(set, dimension, sharedLimits(sets, dimension), metric, `points-${i}`, theme)),
    });
  }
  if (losses?.some(({ points }) => points.length > 0) === true) {
    pictures.push({ name: 'loss', section: 'Training', caption: 'Faint: raw; strong: moving average; dotted: the loss on paths that are held out, which stays above where paths are learned by heart. A teacher and a student are trained on different quantities, so that only students compare with each other.', draw: (theme) => lossChart(losses, theme) });
  }
  return pictures;
}

function bandCaption(name: string): string {
  const { paired, better } = metricTitle(name);
  if (paired) return 'On the same Brownian path as the teacher.';
  return better === 'lower' ? 'The grey band is the noise floor.' : 'The grey band is the teacher against itself under other seeds.';
}

const isReference = (row: ReportInput['rows'][number]): boolean => row.reference === `${row.run} ${row.sampler}@${row.steps}`;
