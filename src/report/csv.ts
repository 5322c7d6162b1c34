/** Numbers of runs as CSV (RFC 4180), one row each, with all that makes them comparable. */
import type { EvaluationRow } from '../store/evaluation-row';

export function evaluationCsv(rows: readonly EvaluationRow[]): string {
  const flat = rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typeof value === 'object' && value !== null ? JSON.stringify(value) : value])));
  const columns = [...new Set(flat.flatMap((row) => Object.keys(row)))];
  return csv(columns, flat.map((row) => columns.map((column) => row[column])));
}

export function scalarCsv(scalars: readonly { readonly run: string; readonly name: string; readonly step: number; readonly value: number }[]): string {
  return csv(['run', 'name', 'step', 'value'], scalars.map(({ run, name, step, value }) => [run, name, step, value]));
}

const csv = (columns: readonly string[], rows: readonly (readonly unknown[])[]): string => [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');

/** Texts that a spreadsheet would take for a formula are made plain. */
function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(value);
  const plain = typeof value === 'string' ? value : JSON.stringify(value);
  const text = `${/^[=+\-@\t\r]/.test(plain) ? "'" : ''}${plain}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
