/** Numbers of runs as CSV (RFC 4180), one row each, with all that makes them comparable. */
import type { EvaluationRow } from '../store/evaluation-row';
import { csvText, type CsvCell } from './csv-text';

export function evaluationCsv(rows: readonly EvaluationRow[]): string {
  const flat = rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typeof value === 'object' && value !== null ? JSON.stringify(value) : value])));
  const columns = [...new Set(flat.flatMap((row) => Object.keys(row)))];
  return csv(columns, flat.map((row) => columns.map((column) => row[column])));
}

export function scalarCsv(scalars: readonly { readonly run: string; readonly name: string; readonly step: number; readonly value: number }[]): string {
  return csv(['run', 'name', 'step', 'value'], scalars.map(({ run, name, step, value }) => [run, name, step, value]));
}

const csv = (columns: readonly string[], rows: readonly (readonly unknown[])[]): string => csvText([columns, ...rows.map((row) => row.map(cell))]);

const cell = (value: unknown): CsvCell => (value === undefined || value === null ? null : typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value));
