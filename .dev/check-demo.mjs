// Reads the demo's JSON on stdin and fails unless it shows what the README says: the student of depth 3 within the floor, below every solver, and on the path.
import fs from 'node:fs';

/** @typedef {{ sampler: string, depth: number | null, steps: number, grid: string, settings: object, metric: string, value: number, search?: boolean, floor: { median: number } | null }} Row */
/** @type {unknown} */
const parsed = JSON.parse(fs.readFileSync(0, 'utf8'));
const { rows, seconds } = /** @type {{ rows: Row[], seconds: number }} */ (parsed);

/** Median over the seeds of each sampler, depth and setting; the best setting of each. @param {string} metric @returns {Map<string, number>} */
function medians(metric) {
  /** @type {Map<string, number[]>} */
  const groups = new Map();
  for (const row of rows) {
    // Settings that lost the search were measured on fewer samples.
    if (row.metric !== metric || row.steps !== 5 || row.search === true) continue;
    const key = JSON.stringify([row.sampler, row.depth, row.grid, row.settings]);
    groups.set(key, [...(groups.get(key) ?? []), row.value]);
  }
  /** @type {Map<string, number>} */
  const best = new Map();
  for (const [key, values] of groups) {
    /** @type {unknown} */
    const parts = JSON.parse(key);
    const [sampler, depth] = /** @type {[string, number | null]} */ (parts);
    const name = depth === null ? sampler : `${sampler} ${depth}`;
    const median = [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
    best.set(name, Math.min(median, best.get(name) ?? Infinity));
  }
  return best;
}

const swd = medians('swd');
const rmse = medians('pathwise-rmse');
const student = swd.get('sig-deg 3') ?? NaN;
const floor = rows.find((row) => row.metric === 'swd' && row.search !== true)?.floor?.median ?? NaN;
const solvers = [...swd].filter(([name]) => !name.startsWith('sig-deg'));
/** @type {[string, boolean][]} */
const checks = [
  [`student ${student.toFixed(4)} is at most 1.25 × the floor ${floor.toFixed(4)}`, student <= 1.25 * floor],
  ...solvers.map(([name, value]) => /** @type {[string, boolean]} */ ([`student is below ${name} ${value.toFixed(4)}`, student < value])),
  ['path RMSE at depth 3 is at most half of depth 1', (rmse.get('sig-deg 3') ?? NaN) <= 0.5 * (rmse.get('sig-deg 1') ?? NaN)],
];
for (const [text, holds] of checks) process.stdout.write(`${holds ? 'ok  ' : 'FAIL'} ${text}\n`);
process.stdout.write(`demo: ${seconds.toFixed(0)} s\n`);
process.exitCode = checks.every(([, holds]) => holds) && solvers.length === 6 ? 0 : 1;
