/** The frame of every picture: heading, controls, zoom, the table instead of it, and its export. */
import { button, iconButton, type Control } from './controls';
import { freshId, h } from './dom';
import type { Panel } from './panel';
import type { Tab } from './protocol';
import { cellText, toCsv, type TableModel } from './table-model';

/** A table that is longer is cut on the screen; the CSV has all of it. */
const MOST_ROWS = 500;

export interface FigureOptions {
  readonly tab: Tab;
  readonly title: string;
  readonly controls: readonly Pick<Control<never>, 'element'>[];
  /** What is drawn. */
  readonly body: HTMLElement;
  png(): Promise<Uint8Array>;
  /** Its numbers; undefined while there are none. */
  table(): TableModel | undefined;
  /** Where the file has more than the table on the screen. */
  csv?(): TableModel | undefined;
  /** Zoom buttons; left out where there is nothing to zoom. */
  readonly zoom?: { by(factor: number): void; reset(): void; /** For now there is nothing to zoom. */ idle?(): boolean };
}

export interface Figure {
  readonly element: HTMLElement;
  readonly tableShown: boolean;
  /** A line under the heading: what is left out, what was refused. */
  note(text: string): void;
  /** The numbers have changed. */
  update(): void;
}

export function figure(panel: Panel, options: FigureOptions): Figure {
  const { tab, title, body, zoom } = options;
  const heading = freshId('figure');
  const note = h('p', { class: 'note', hidden: true });
  const table = h('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-labelledby': heading, hidden: true });
  const shown = (): boolean => panel.state.now.tables.includes(tab);

  const save = async (format: 'png' | 'csv'): Promise<void> => {
    const name = `sigdeg-${tab}`;
    const model = options.csv?.() ?? options.table();
    if (format === 'csv' && model === undefined) {
      panel.tell('There are no numbers to save yet.');
      return;
    }
    const ask = format === 'png' ? { kind: 'export' as const, format, name, bytes: await options.png() } : { kind: 'export' as const, format, name, text: toCsv(model!) };
    const { file } = await panel.connection.ask<'export'>(ask, { patience: Infinity });
    panel.tell(file === null ? 'Not saved.' : `Saved ${file}`);
  };
  const saving = (format: 'png' | 'csv') => (): void => { save(format).catch((error: unknown) => { panel.tell(`Not saved: ${error instanceof Error ? error.message : String(error)}`); }); };

  const tableButton = button('Table', () => {
    const others = panel.state.now.tables.filter((other) => other !== tab);
    panel.state.set({ tables: shown() ? others : [...others, tab] });
    update();
  }, { name: `${title} as a table` });

  const zoomButtons = zoom ? [
    iconButton('minus', 'Zoom out', () => { zoom.by(0.7); }),
    iconButton('plus', 'Zoom in', () => { zoom.by(1.4); }),
    iconButton('fit', 'Show all again', () => { zoom.reset(); }),
  ] : [];
  const zoomBar = h('div', { class: 'buttons' }, ...zoomButtons);

  const element = h('section', { class: 'figure', 'aria-labelledby': heading },
    h('div', { class: 'head' },
      h('h2', { id: heading }, title),
      h('div', { class: 'buttons end' }, zoomBar, tableButton, button('PNG', saving('png'), { name: `Save ${title} as PNG` }), button('CSV', saving('csv'), { name: `Save ${title} as CSV` }))),
    h('div', { class: 'controls' }, ...options.controls.map((control) => control.element)),
    note, body, table);

  const update = (): void => {
    const asTable = shown();
    tableButton.setAttribute('aria-pressed', String(asTable));
    tableButton.classList.toggle('pressed', asTable);
    body.hidden = asTable;
    table.hidden = !asTable;
    zoomBar.hidden = asTable || zoom === undefined || (zoom.idle?.() ?? false);
    const model = asTable ? options.table() : undefined;
    table.replaceChildren(...(model ? [htmlTable(model)] : []));
  };
  update();
  return {
    element, update,
    get tableShown() { return shown(); },
    note: (text) => { note.textContent = text; note.hidden = text === ''; },
  };
}

function htmlTable({ caption, columns, rows }: TableModel): HTMLElement {
  const numeric = columns.map((_, c) => rows.some((row) => typeof row[c] === 'number'));
  const kind = (c: number): string | null => (numeric[c] === true ? 'number' : null);
  const left = rows.length - MOST_ROWS;
  return h('table', {},
    h('caption', {}, left > 0 ? `${caption} (the first ${MOST_ROWS} of ${rows.length} rows; the CSV has all)` : caption),
    h('thead', {}, h('tr', {}, ...columns.map((column, c) => h('th', { scope: 'col', class: kind(c) }, column)))),
    h('tbody', {}, ...rows.slice(0, MOST_ROWS).map((row) => h('tr', {}, ...row.map((cell, c) => (c === 0 ? h('th', { scope: 'row', class: kind(c) }, cellText(cell)) : h('td', { class: kind(c) }, cellText(cell))))))));
}
