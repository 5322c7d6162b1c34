/**
 * Leaves cores to other programs, an editor say. Simulations just have fewer processes. A training on the native engine, which is Linux', keeps its number of
 * threads, on which its rounding depends, and they share fewer cores: the system's scheduler is told so, and results stay what they were.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** The command with, in front of it where it is needed and can be, that which keeps it to some cores. */
export function onFewerCores(command: readonly string[], spareCores: number, { searchPath = process.env['PATH'] ?? '', allowed = allowedCores() } = {}): readonly string[] {
  const kept = allowed.slice(0, Math.max(1, allowed.length - spareCores));
  if (spareCores <= 0 || kept.length === allowed.length) return command;
  const taskset = searchPath.split(path.delimiter).map((folder) => path.join(folder, 'taskset')).find((file) => fs.existsSync(file));
  return taskset === undefined ? command : [taskset, '-c', kept.join(','), ...command];
}

/** Numbers of the cores that this process may use; none where the system does not tell. */
function allowedCores(): number[] {
  try {
    const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(fs.readFileSync('/proc/self/status', 'utf8')) ?? [];
    return list.split(',').flatMap((range) => {
      const [from = NaN, to = from] = range.split('-').map(Number);
      return Number.isInteger(from) && Number.isInteger(to) ? Array.from({ length: to - from + 1 }, (_, i) => from + i) : [];
    });
  } catch {
    return [];
  }
}
