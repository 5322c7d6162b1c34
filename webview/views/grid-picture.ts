/** A grid of samples as a table of canvases, and as one canvas for its export. */
import { short } from '../../src/core/number-text';
import { mean } from '../../src/core/statistics';
import { contestantColour } from '../../src/report/series';
import { h } from '../dom';
import { tileSide } from '../layout';
import type { Grid, GridColumn, ImageColumn, ImageGrid, PointColumn, PointGrid } from '../protocol';
import { currentTheme } from '../theme';
import type { UiState } from '../ui-state';
import { drawScatter } from './scatter';
import { differenceOf, drawTile, pictureOf } from './tile';

type ViewName = UiState['samples']['view'];

export interface GridPicture {
  /** Moves the edge of the wipe, on all pictures. */
  wipe(position: number): void;
}

/** The row titles' width is that in the style sheet. */
const [ROW_TITLE, GAP, LEAST, MOST, LEAST_SCATTER, MOST_SCATTER] = [58, 6, 76, 128, 150, 280];

/** `21.3 dB`; two equal pictures have no finite number. */
const decibel = (psnr: number | null): string => (psnr === null || psnr === Infinity ? 'equal' : `${short(psnr)} dB`);

export function showImages(holder: HTMLElement, grid: ImageGrid, view: ViewName, wipe: number, onWipe: (position: number) => void): GridPicture {
  const side = tileSide(holder.clientWidth - ROW_TITLE - GAP, grid.columns.length, GAP, LEAST, MOST);
  const line = currentTheme().ink;
  const teacher = grid.columns.find((column) => column.teacher);
  const redraws: ((position: number) => void)[] = [];
  const cell = (column: ImageColumn, row: number): HTMLElement => {
    const canvas = h('canvas', { role: 'img', 'aria-label': `${column.label}, ${itemName(grid, row)}` });
    const own = view === 'difference' && teacher && column !== teacher ? differenceOf(grid, column, teacher, row) : pictureOf(grid, column, row);
    const over = view === 'wipe' && teacher && column !== teacher ? pictureOf(grid, teacher, row) : null;
    const draw = (position: number): void => { drawTile(canvas, side, own, over && { picture: over, wipe: position, line }); };
    draw(wipe);
    if (over) {
      redraws.push(draw);
      canvas.classList.add('wipes');
      followPointer(canvas, onWipe);
    }
    const { likeness } = column;
    const told = likeness !== null && view !== 'side' ? h('div', { class: 'likeness' }, h('span', {}, decibel(likeness.psnr[row] ?? null)), h('span', {}, ssimText(likeness.ssim[row] ?? null))) : null;
    return h('td', {}, canvas, told);
  };
  holder.replaceChildren(h('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Samples, rows items, columns samplers' },
    h('table', { class: 'samples' },
      h('thead', {}, h('tr', {}, h('td', { class: 'seed' }, `seed ${grid.seed}`), ...grid.columns.map((column) => columnHead(column, side, meanLikeness(column))))),
      h('tbody', {}, ...rowsOf(grid).map((row) => h('tr', {}, h('th', { scope: 'row', title: itemName(grid, row), 'aria-label': itemName(grid, row) }, rowTitle(grid, row)), ...grid.columns.map((column) => cell(column, row))))))));
  return { wipe: (position) => { for (const redraw of redraws) redraw(position); } };
}

export function showPoints(holder: HTMLElement, grid: PointGrid): GridPicture {
  const across = Math.max(1, Math.min(grid.columns.length, Math.floor((holder.clientWidth + GAP) / (LEAST_SCATTER + GAP))));
  const side = tileSide(holder.clientWidth, across, 2 * GAP, 120, MOST_SCATTER);
  holder.replaceChildren(h('ul', { class: 'scatters' }, ...grid.columns.map((column) => {
    const canvas = h('canvas', { role: 'img', 'aria-label': `${column.label}: ${column.points.length / 2} points` });
    drawScatter(canvas, side, grid.extent, [{ points: column.points, colour: colourOf(column), radius: 1.5 }]);
    const head = h('div', { class: 'column-name' }, h('strong', {}, joined(column.label)), h('span', {}, column.teacher ? 'reference' : column.rmse === null ? '' : `RMSE ${short(column.rmse)}`));
    head.style.maxWidth = `${side}px`;
    return h('li', {}, head, canvas);
  })));
  return { wipe: () => undefined };
}

/** Row numbers. */
export const rowsOf = ({ rows }: ImageGrid): number[] => Array.from({ length: rows }, (_, row) => row);
/** What a row's pictures start from, where `#3` alone would not say it. */
export const itemName = (grid: Grid, row: number): string => `seed ${grid.seed}, item ${row}${className(grid, row) === '' ? '' : `, ${className(grid, row)}`}`;
/** Of a model with classes: the row's. */
const className = (grid: Grid, row: number): string => (grid.kind === 'images' ? grid.classes[row] ?? '' : '');
const rowTitle = (grid: Grid, row: number): string => className(grid, row) || `#${row}`;

/** The teacher first, then what was distilled from it: of a dozen columns the first ones are seen. */
export function inOrder(grid: Grid): Grid {
  const rank = ({ teacher, sampler }: GridColumn): number => (teacher ? 0 : sampler === 'sig-deg' ? 1 : 2);
  const sorted = <T extends GridColumn>(columns: readonly T[]): T[] => [...columns].sort((a, b) => rank(a) - rank(b));
  return grid.kind === 'images' ? { ...grid, columns: sorted(grid.columns) } : { ...grid, columns: sorted(grid.columns) };
}

/** The whole grid on one canvas, twice as large as it is. */
export function composeGrid(grid: Grid, { view, wipe }: UiState['samples']): HTMLCanvasElement {
  const theme = currentTheme();
  const [side, head, label] = grid.kind === 'images' ? [112, 44, 100] : [280, 44, 8];
  const rows = grid.kind === 'images' ? grid.rows : 1;
  const tileHeight = grid.kind === 'images' ? Math.round((side * grid.height) / grid.width) : side;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [label + grid.columns.length * (side + 8), head + rows * (tileHeight + 8)];
  const context = canvas.getContext('2d')!;
  context.imageSmoothingEnabled = false;
  context.fillStyle = theme.paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = `13px ${theme.font}`;
  context.fillStyle = theme.ink;
  grid.columns.forEach((column, c) => { context.fillText(column.label, label + c * (side + 8), 26, side); });
  const put = (tile: HTMLCanvasElement, c: number, r: number): void => { context.drawImage(tile, label + c * (side + 8), head + r * (tileHeight + 8), side, tileHeight); };
  if (grid.kind === 'points') {
    grid.columns.forEach((column, c) => {
      const tile = document.createElement('canvas');
      drawScatter(tile, side, grid.extent, [{ points: column.points, colour: colourOf(column), radius: 1.5 }]);
      put(tile, c, 0);
    });
    return canvas;
  }
  const teacher = grid.columns.find((column) => column.teacher);
  context.fillText(`seed ${grid.seed}`, 8, 26, label - 16);
  rowsOf(grid).forEach((r) => {
    context.fillText(rowTitle(grid, r), 8, head + r * (tileHeight + 8) + tileHeight / 2, label - 16);
    grid.columns.forEach((column, c) => {
      const other = teacher && column !== teacher ? teacher : undefined;
      const tile = document.createElement('canvas');
      const own = view === 'difference' && other ? differenceOf(grid, column, other, r) : pictureOf(grid, column, r);
      drawTile(tile, side, own, view === 'wipe' && other ? { picture: pictureOf(grid, other, r), wipe, line: theme.ink } : null);
      put(tile, c, r);
    });
  });
  return canvas;
}

/** The steps stay beside their sign. */
const joined = (label: string): string => label.replace(' @ ', ' @\u00a0');

const colourOf = (column: PointColumn): string => contestantColour(column, currentTheme().ink);

function columnHead({ label, teacher, trains }: GridColumn, side: number, likeness: string): HTMLElement {
  const name = h('div', { class: 'column-name' }, h('strong', {}, joined(label)), h('span', {}, teacher ? 'reference' : likeness), trains ? h('span', { class: 'trains' }, 'follows the slider') : null);
  name.style.width = `${side}px`;
  return h('th', { scope: 'col' }, name);
}

function meanLikeness({ likeness }: ImageColumn): string {
  if (likeness === null) return '';
  const finite = likeness.psnr.flatMap((psnr) => (psnr === null || psnr === Infinity ? [] : [psnr]));
  const similar = likeness.ssim.filter((value) => value !== null);
  return [finite.length === 0 ? 'equal' : decibel(mean(finite)), ...(similar.length === 0 ? [] : [ssimText(mean(similar))])].join(', ');
}

/** Nothing for pictures that are smaller than the window of SSIM. */
const ssimText = (value: number | null): string => (value === null ? '' : `SSIM\u00a0${short(value)}`);

/** Dragging over a picture moves the edge to the pointer. */
function followPointer(canvas: HTMLCanvasElement, onWipe: (position: number) => void): void {
  const move = (event: PointerEvent): void => {
    const { left, width } = canvas.getBoundingClientRect();
    onWipe(Math.min(1, Math.max(0, (event.clientX - left) / width)));
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    move(event);
  });
  canvas.addEventListener('pointermove', (event) => { if (canvas.hasPointerCapture(event.pointerId)) move(event); });
}
