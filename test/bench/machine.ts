/** What the machine can do at most, measured in the same run, and what a piece of work would take at that rate. */
import { summary } from '../../src/core/statistics';
import type { ProcessName } from './case';
import type { Child } from './child';

/** Floating-point operations and bytes a second; null where no process could tell. */
export interface Rates {
  readonly flops: number | null;
  readonly bytes: number | null;
}

export interface Machine {
  readonly allCores: Rates;
  readonly oneCore: Rates;
}

/** Which works tell a rate, in which process, with how many cores. */
const PROBES = [
  { process: 'native', work: 'matmul', cores: 'allCores' },
  { process: 'python', work: 'matmul', cores: 'allCores' },
  { process: 'python', work: 'copy', cores: 'allCores' },
  { process: 'wasm', work: 'matmul', cores: 'oneCore' },
  { process: 'python-1', work: 'matmul', cores: 'oneCore' },
  { process: 'python-1', work: 'copy', cores: 'oneCore' },
  { process: 'node', work: 'copy', cores: 'oneCore' },
] as const;

/** Single runs, short enough to fall between what else the machine does. */
const REPETITIONS = 15;

/** Keeps what was measured: each process is asked once. */
export class MachineProbe {
  readonly #asked = new Set<ProcessName>();
  readonly #best: Record<'allCores' | 'oneCore', { flops: number; bytes: number }> = { allCores: { flops: 0, bytes: 0 }, oneCore: { flops: 0, bytes: 0 } };

  constructor(private readonly child: (name: ProcessName) => Promise<Child>) {}

  async measure(names: readonly ProcessName[]): Promise<Machine> {
    for (const { process, work, cores } of PROBES.filter((probe) => names.includes(probe.process) && !this.#asked.has(probe.process))) {
      const child = await this.child(process);
      const key = `machine ${work}`;
      const { flop, bytes } = await child.open(key, work, {});
      const times: number[] = [];
      for (let i = 0; i <= REPETITIONS; i++) times.push(await child.run(key, 1));
      await child.close(key);
      // The best, not the median: a limit.
      const seconds = summary(times.slice(1)).min;
      const best = this.#best[cores];
      best.flops = Math.max(best.flops, (flop ?? 0) / seconds);
      best.bytes = Math.max(best.bytes, (bytes ?? 0) / seconds);
    }
    for (const name of names) this.#asked.add(name);
    return this.known();
  }

  known(): Machine {
    const rates = ({ flops, bytes }: { flops: number; bytes: number }): Rates => ({ flops: flops || null, bytes: bytes || null });
    return { allCores: rates(this.#best.allCores), oneCore: rates(this.#best.oneCore) };
  }
}

/** The longer of arithmetic at the peak rate and memory traffic at full bandwidth (Williams et al. 2009, the roofline); NaN where a rate is not known. */
export function leastSeconds({ allCores, oneCore }: Machine, { flop, bytes }: { flop: number; bytes: number }, one: boolean): number {
  const [own, other] = one ? [oneCore, allCores] : [allCores, oneCore];
  const peak = own.flops ?? other.flops ?? NaN;
  const bandwidth = own.bytes ?? other.bytes ?? NaN;
  return Math.max(flop === 0 ? 0 : flop / peak, bytes === 0 ? 0 : bytes / bandwidth);
}
