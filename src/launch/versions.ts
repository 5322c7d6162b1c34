import { VERSION } from '../version';

/** What a run's manifest keeps about the program that made it. */
export function versions(): Record<string, string> {
  return { sigdeg: VERSION, node: process.versions.node, platform: `${process.platform}-${process.arch}` };
}
