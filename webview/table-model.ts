/** A picture's numbers as a table: shown instead of it, or written as CSV. */
import { short } from '../src/core/number-text';

export type Cell = string | number | null;

export interface TableModel {
  readonly caption: string;
  /** With their units: `time (s)`. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** As people read it; nothing measured is an en dash. */
export const cellText = (cell: Cell): string => (cell === null ? '–' : typeof cell === 'string' ? cell : Number.isSafeInteger(cell) ? String(cell) : short(cell));

/** RFC 4180, all digits. A text that a spreadsheet would take for a formula gets an apostrophe, as run names are anybody's. */
export function toCsv({ columns, rows }: Pick<TableModel, 'columns' | 'rows'>): string {
  const field = (cell: Cell): string => {
    if (cell === null) return '';
    if (typeof cell === 'number') return String(cell);
    const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}
