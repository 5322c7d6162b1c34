/** Chart.js with the page's habits: no animation, points as they come, zoom and pan by pointer and keyboard, colours of the theme. */
import {
  Chart, Legend, LinearScale, LineController, LineElement, LogarithmicScale, PointElement, Tooltip,
  type ChartConfiguration, type ChartDataset, type LegendItem, type Point, type PointStyle, type ScaleOptionsByType, type Tick,
} from 'chart.js';
import annotationPlugin, { type AnnotationOptions } from 'chartjs-plugin-annotation';
import zoomPlugin from 'chartjs-plugin-zoom';
import { short } from '../src/core/number-text';
import { logTicks } from '../src/report/axis';
import type { MarkerShape, SeriesStyle } from '../src/report/series';
import type { Theme } from '../src/report/theme';
import { drawStrokes } from './stroke-drawing';
import type { Plot, Stroke } from './strokes';
import { currentTheme } from './theme';
import type { Range, Zoom } from './ui-state';

Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale, Legend, Tooltip, annotationPlugin, zoomPlugin);

export interface Axis {
  readonly title: string;
  readonly log: boolean;
  /** null: as far as the data goes. */
  readonly range: Range | null;
  /** Positions to label; left out: round numbers. */
  readonly ticks?: readonly number[];
}

interface LegendLine {
  readonly label: string;
  readonly style: SeriesStyle;
  /** The legend shows the marker, else the dash. */
  readonly markers?: boolean;
}

export interface Series extends LegendLine {
  readonly points: Point[];
  /** Lines of the tooltip at a point. */
  readonly tell: (index: number) => string[];
}

export interface Picture {
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Long lines, drawn under the series; the y axis' range has to be given with them. */
  readonly strokes?: readonly Stroke[];
  readonly annotations?: (theme: Theme) => Readonly<Record<string, AnnotationOptions>>;
  /** What the legend says of the annotations: over the plot a curve could run through the words. */
  readonly marks?: (theme: Theme) => readonly LegendLine[];
  readonly legend: boolean;
  /** What can be zoomed. */
  readonly zoom: 'x' | 'xy';
  /** How far out: the x axis' ends. */
  readonly limits?: Range;
  /** For those who do not see it. */
  readonly summary: string;
}

const POINT_STYLES: Readonly<Record<MarkerShape, PointStyle>> = { circle: 'circle', square: 'rect', triangle: 'triangle', triangleDown: 'triangle', diamond: 'rectRot', plus: 'cross' };

const MOST_TICKS = 8;
/** Of a picture that has no place on the page, in CSS pixels. */
const ASIDE = { width: 900, height: 480 } as const;

export class PanelChart {
  readonly canvas: HTMLCanvasElement;
  private chart: Chart<'line'> | undefined;
  private picture: Picture | undefined;

  /** `onZoom` hears of every movement, with null for «everything» again. */
  constructor(canvas: HTMLCanvasElement, private readonly onZoom: (zoom: Zoom | null) => void) {
    this.canvas = canvas;
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'img');
    canvas.addEventListener('keydown', (event) => { if (this.key(event.key)) event.preventDefault(); });
    canvas.addEventListener('dblclick', () => { this.reset(); });
  }

  /** Width of the plot in CSS pixels, also before anything was drawn. */
  get width(): number {
    // Nothing while a table stands in its place.
    return [this.chart?.chartArea.width, this.canvas.parentElement?.clientWidth].find((width) => width !== undefined && width > 0) ?? ASIDE.width;
  }

  show(picture: Picture): void {
    this.picture = picture;
    const { data, options } = this.configuration(picture, currentTheme());
    this.canvas.setAttribute('aria-label', `${picture.summary}. Keys: plus and minus zoom, arrows move, 0 shows all.`);
    if (this.chart) {
      this.chart.data = data;
      this.chart.options = options!;
      this.chart.update('none');
    } else {
      const strokes = { id: 'strokes', beforeDatasetsDraw: (): void => { this.drawStrokes(); } };
      this.chart = new Chart(this.canvas, { type: 'line', data, options: options!, plugins: [strokes] });
    }
  }

  /** What is seen now of the long lines; undefined before anything was drawn. */
  seen(): { readonly plot: Plot; readonly strokes: readonly Stroke[] } | undefined {
    const view = this.view();
    if (!this.chart || !this.picture || !view) return undefined;
    const { left, right, top, bottom } = this.chart.chartArea;
    return { plot: { left, right, top, bottom, ...view, logY: this.picture.y.log }, strokes: this.picture.strokes ?? [] };
  }

  private drawStrokes(): void {
    const seen = this.seen();
    if (this.chart && seen) drawStrokes(this.chart.ctx, seen.plot, seen.strokes);
  }

  retheme(): void {
    if (this.picture) this.show(this.withView(this.picture));
  }

  zoom(factor: number): void {
    this.chart?.zoom(factor, 'none');
  }

  reset(): void {
    this.onZoom(null);
  }

  /** What is drawn, on paper. */
  async png(): Promise<Uint8Array> {
    if (this.picture === undefined || this.canvas.width * this.canvas.height > 0) return canvasPng(onPaper(this.canvas));
    // Made while a table stood in its place, it has no size yet: drawn once more, out of sight, where it has one.
    const holder = document.createElement('div');
    Object.assign(holder.style, { position: 'fixed', left: '-10000px', width: `${ASIDE.width}px`, height: `${ASIDE.height}px` });
    const aside = new PanelChart(holder.appendChild(document.createElement('canvas')), () => undefined);
    document.body.append(holder);
    try {
      aside.show(this.picture);
      return await canvasPng(onPaper(aside.canvas));
    } finally {
      aside.chart?.destroy();
      holder.remove();
    }
  }

  private key(key: string): boolean {
    const [w, h] = [(this.chart?.width ?? 0) / 10, (this.chart?.height ?? 0) / 10];
    const pans: Readonly<Record<string, { x?: number; y?: number }>> = { ArrowLeft: { x: w }, ArrowRight: { x: -w }, ArrowUp: { y: h }, ArrowDown: { y: -h } };
    const pan = pans[key];
    if (key === '+' || key === '=') this.zoom(1.25);
    else if (key === '-') this.zoom(0.8);
    else if (key === '0' || key === 'Home') this.reset();
    else if (pan && !(pan.y !== undefined && this.picture?.zoom === 'x')) this.chart?.pan(pan, undefined, 'none');
    else return false;
    return true;
  }

  /** The picture with the axes as they stand now. */
  private withView(picture: Picture): Picture {
    const view = this.view();
    if (view === undefined) return picture;
    return { ...picture, x: { ...picture.x, range: picture.x.range && view.x }, y: { ...picture.y, range: picture.y.range && view.y } };
  }

  private view(): Zoom | undefined {
    const [x, y] = [this.chart?.scales['x'], this.chart?.scales['y']];
    return x && y ? { x: [x.min, x.max], y: [y.min, y.max] } : undefined;
  }

  private configuration(picture: Picture, theme: Theme): Pick<ChartConfiguration<'line'>, 'data' | 'options'> {
    const moved = (): void => {
      const view = this.view();
      if (view) this.onZoom(view);
    };
    const font = { family: theme.font, size: 12 };
    return {
      data: { datasets: picture.series.map((series) => dataset(series, theme)) },
      options: {
        animation: false,
        parsing: false,
        normalized: true,
        maintainAspectRatio: false,
        events: ['mousemove', 'mouseout', 'touchstart', 'touchmove'],
        interaction: { mode: 'nearest', axis: 'xy', intersect: false },
        scales: { x: scale(picture.x, theme, font), y: scale(picture.y, theme, font) },
        plugins: {
          legend: {
            display: picture.legend,
            position: 'bottom',
            align: 'start',
            labels: { color: theme.ink, font, usePointStyle: true, boxWidth: 24, boxHeight: 8, padding: 14, generateLabels: () => legendEntries([...picture.series, ...(picture.marks?.(theme) ?? [])], theme) },
            // Its entries cannot be reached by keyboard; runs are chosen in the list.
            onClick: () => undefined,
          },
          tooltip: {
            backgroundColor: theme.paper, borderColor: theme.muted, borderWidth: 1, titleColor: theme.ink, bodyColor: theme.ink,
            titleFont: { ...font, weight: 'bold' }, bodyFont: font, padding: 10, cornerRadius: 3, usePointStyle: true, boxPadding: 4, displayColors: false,
            filter: (item, at) => at === 0 || item.datasetIndex === -1,
            callbacks: {
              title: ([item]) => (item ? picture.series[item.datasetIndex]?.label ?? '' : ''),
              label: (item) => picture.series[item.datasetIndex]?.tell(item.dataIndex) ?? '',
            },
          },
          annotation: { animations: false, annotations: { ...picture.annotations?.(theme) } } as NonNullable<NonNullable<ChartConfiguration<'line'>['options']>['plugins']>['annotation'] & object,
          zoom: {
            limits: picture.limits ? { x: { min: picture.limits[0], max: picture.limits[1], minRange: (picture.limits[1] - picture.limits[0]) / 1e5 } } : {},
            pan: { enabled: true, mode: picture.zoom, onPan: moved },
            // Without Ctrl the wheel scrolls the page; the gesture of a touch pad comes with it.
            zoom: { wheel: { enabled: true, modifierKey: 'ctrl' }, pinch: { enabled: true }, mode: picture.zoom, onZoom: moved },
          },
        },
      },
    };
  }
}

function dataset({ label, style, points, markers = false }: Series, theme: Theme): ChartDataset<'line'> {
  return {
    label,
    data: points,
    borderColor: style.colour,
    borderWidth: style.width,
    borderDash: dashOf(style),
    borderJoinStyle: 'round',
    pointStyle: POINT_STYLES[style.marker],
    pointRotation: style.marker === 'triangleDown' ? 180 : 0,
    pointRadius: markers ? 5 : 0,
    pointHoverRadius: markers ? 7 : 4,
    pointHitRadius: 12,
    pointBorderWidth: 2,
    pointBackgroundColor: style.hollow ? theme.paper : style.colour,
    pointBorderColor: style.colour,
    pointHoverBackgroundColor: style.hollow ? theme.paper : style.colour,
    pointHoverBorderColor: style.colour,
  };
}

function legendEntries(lines: readonly LegendLine[], theme: Theme): LegendItem[] {
  return lines.map(({ label, style, markers }, datasetIndex) => ({
    text: label, datasetIndex, fontColor: theme.ink, strokeStyle: style.colour, fillStyle: style.hollow ? theme.paper : style.colour,
    pointStyle: markers === true ? POINT_STYLES[style.marker] : 'line', rotation: style.marker === 'triangleDown' ? 180 : 0,
    lineWidth: 2, lineDash: markers === true ? [] : dashOf(style),
  } satisfies LegendItem));
}

const dashOf = ({ dash }: SeriesStyle): number[] => dash?.split(' ').map(Number) ?? [];

function scale({ title, log, range, ticks }: Axis, theme: Theme, font: { family: string; size: number }): Partial<ScaleOptionsByType<'linear'>> {
  const options = {
    type: log ? 'logarithmic' : 'linear',
    ...(range ? { min: range[0], max: range[1] } : {}),
    title: { display: true, text: title, color: theme.muted, font, padding: 4 },
    border: { color: theme.muted },
    grid: { color: theme.grid, tickLength: 4 },
    ticks: {
      color: theme.muted, font, maxRotation: 0, autoSkipPadding: 12, includeBounds: false,
      callback: (value: string | number): string => axisNumber(Number(value)),
    },
    ...(ticks || log ? {
      afterBuildTicks: (axis: { ticks: Tick[]; min: number; max: number }): void => {
        const inside = ticks?.filter((value) => value >= axis.min && value <= axis.max) ?? [];
        // Zoomed in between the measured positions, round numbers take over.
        axis.ticks = (inside.length > 1 ? inside : logTicks([axis.min, axis.max], MOST_TICKS)).map((value) => ({ value, major: true }));
      },
    } : {}),
  };
  return options as unknown as Partial<ScaleOptionsByType<'linear'>>;
}

/** `20k`, `1.5M`: step counts of an axis, short enough for a narrow panel. */
function axisNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${short(value / 1e6)}M`;
  if (size >= 1e4) return `${short(value / 1e3)}k`;
  return short(value);
}

/** A copy of a transparent drawing on the theme's ground. */
export function onPaper(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext('2d')!;
  context.fillStyle = currentTheme().paper;
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(canvas, 0, 0);
  return copy;
}

export async function canvasPng(canvas: HTMLCanvasElement): Promise<Uint8Array> {
  const blob = await new Promise<Blob | null>((resolve) => { canvas.toBlob(resolve, 'image/png'); });
  if (blob === null) throw new Error('the picture is too large for the browser: make the panel smaller and try again');
  return new Uint8Array(await blob.arrayBuffer());
}
