/** A heat map on a canvas, for its export; on the page it is a table. */
import { short } from '../../src/core/number-text';
import { cividis, hex, textOn } from '../../src/report/colour-scale';
import type { Theme } from '../../src/report/theme';

export interface HeatMap {
  readonly columns: readonly string[];
  /** `share`: place on the colour scale, 0 the best. null: not measured. */
  readonly rows: readonly { readonly title: string; readonly cells: readonly ({ readonly value: number; readonly share: number } | null)[] }[];
}

const [CELL_WIDTH, CELL_HEIGHT, TITLE_WIDTH, SCALE] = [84, 30, 220, 2];

export function drawHeat({ columns, rows }: HeatMap, theme: Theme): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [SCALE * (TITLE_WIDTH + CELL_WIDTH * columns.length + 8), SCALE * (CELL_HEIGHT * (rows.length + 1) + 8)];
  const context = canvas.getContext('2d')!;
  context.scale(SCALE, SCALE);
  context.fillStyle = theme.paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = `12px ${theme.font}`;
  context.textBaseline = 'middle';
  const write = (text: string, x: number, row: number, colour: string, align: CanvasTextAlign): void => {
    context.fillStyle = colour;
    context.textAlign = align;
    context.fillText(text, x, (row + 0.5) * CELL_HEIGHT);
  };
  write('steps', 8, 0, theme.muted, 'left');
  columns.forEach((column, c) => { write(column, TITLE_WIDTH + (c + 0.5) * CELL_WIDTH, 0, theme.muted, 'center'); });
  rows.forEach(({ title, cells }, r) => {
    write(title, 8, r + 1, theme.ink, 'left');
    cells.forEach((cell, c) => {
      if (cell === null) return;
      context.fillStyle = hex(cividis(cell.share));
      context.fillRect(TITLE_WIDTH + c * CELL_WIDTH, (r + 1) * CELL_HEIGHT, CELL_WIDTH - 2, CELL_HEIGHT - 2);
      write(short(cell.value), TITLE_WIDTH + (c + 0.5) * CELL_WIDTH - 1, r + 1, textOn(cividis(cell.share)), 'center');
    });
  });
  return canvas;
}
