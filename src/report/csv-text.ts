/**
 * CSV as RFC 4180 has it, safe to open: spreadsheets take a cell that begins with = + - @ (or a tab or line break) for a formula, so that text of that kind gets an
 * apostrophe in front (OWASP, CSV injection). Numbers keep their signs.
 */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

export type CsvCell = string | number | boolean | null;

/** Rows joined by line breaks, the last one ended by one, too. null is an empty cell. */
export const csvText = (rows: readonly (readonly CsvCell[])[]): string => rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');

function cellText(cell: CsvCell): string {
  const text = cell === null ? '' : String(cell);
  const safe = FORMULA.test(text) && !NUMBER.test(text) && text !== '-Infinity' ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The cells of a CSV text, quotes taken off. A line break within quotes belongs to the cell; a quote that is never closed ends with the text. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let [row, cell, quoted] = [[] as string[], '', false];
  const endRow = (): void => {
    rows.push([...row, cell]);
    [row, cell] = [[], ''];
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') {
        cell += c;
        i++;
      } else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',') {
      row.push(cell);
      cell = '';
    } else if (c === '\n') endRow();
    else if (c !== '\r' || text[i + 1] !== '\n') cell += c;
  }
  if (cell !== '' || row.length > 0) endRow();
  return rows;
}
