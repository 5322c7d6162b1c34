/** Takes turns between both sides of a case and gives medians and ranges. */
import { messageOf, SigdegError } from '../../src/core/errors';
import { summary } from '../../src/core/statistics';
import { groupOf, type BenchCase, type CaseResult, type Facts, type ProcessName, type Side, type Unit } from './case';
import type { Child } from './child';
import { leastSeconds, type Machine } from './machine';

export interface Effort {
  readonly repetitions: number;
  /** Fewer repetitions, down to `least`, where all of them would take longer. */
  readonly seconds: number;
  readonly least: number;
  /** A figure is the mean over iterations of at least so long. */
  readonly blockSeconds: number;
  /** Whether what stands beside is measured, too. */
  readonly beside: boolean;
}

export const FULL: Effort = { repetitions: 9, seconds: 60, least: 3, blockSeconds: 0.4, beside: true };
export const QUICK: Effort = { repetitions: 3, seconds: 12, least: 1, blockSeconds: 0.15, beside: false };

/** What one unit of time or the like is in seconds; a `%` is already a share. */
export const UNIT_SECONDS: Readonly<Record<Unit, number>> = { s: 1, ms: 1e-3, µs: 1e-6, ns: 1e-9, '%': 0.01 };

export interface Bench {
  child(name: ProcessName): Promise<Child>;
  /** The machine's limits, as far as the processes that are there can tell. */
  machine(names: readonly ProcessName[]): Promise<Machine>;
  /** Words for the person who waits. */
  progress(words: string): void;
}

interface Opened {
  readonly side: Side;
  readonly child: Child;
  readonly key: string;
  readonly facts: Facts;
  readonly iterations: number;
  /** That so many iterations took. */
  readonly seconds: number;
}

/** Between turns: threads of the last side that still spin would slow the next. */
const REST_MS = 60;
const LONGEST_BLOCK = 4096;

/** Measures a case; what goes wrong is in the result. */
export async function compare(one: BenchCase, bench: Bench, effort: Effort): Promise<CaseResult> {
  const base = {
    name: one.name, title: one.title, group: groupOf(one.name), unit: one.unit, ...boundOf(one),
    labels: { ours: one.ours.label, peer: one.peer?.label ?? null },
  };
  try {
    return { ...base, ...(await measured(one, bench, effort)), error: null };
  } catch (error) {
    const code = error instanceof SigdegError ? error.code : 'INTERNAL';
    return { ...base, ours: null, peer: null, ratio: null, reached: null, ranges: { ours: null, peer: null, ratio: null }, n: 0, beside: [], machine: null, notes: [], error: { code, message: messageOf(error) } };
  }
}

const boundOf = ({ limit }: BenchCase): Pick<CaseResult, 'limit' | 'bound'> =>
  limit === undefined ? { limit: null, bound: null } : 'atLeast' in limit ? { limit: limit.atLeast, bound: 'ratio at least' } : { limit: limit.atMost, bound: 'ours at most' };

async function measured(one: BenchCase, bench: Bench, effort: Effort) {
  const opened: Opened[] = [];
  const beside: CaseResult['beside'][number][] = [];
  const failed: CaseResult['beside'][number][] = [];
  try {
    const ours = await open(one, one.ours, {}, bench, effort);
    opened.push(ours);
    const peer = one.peer && (await open(one, one.peer, ours.facts, bench, effort));
    if (peer) opened.push(peer);
    const others: Opened[] = [];
    for (const side of effort.beside ? (one.beside ?? []) : []) {
      try {
        others.push(await open(one, side, ours.facts, bench, effort));
      } catch (error) {
        failed.push({ label: side.label, value: null, ratio: null, note: messageOf(error) });
      }
    }
    opened.push(...others);
    const sides = [ours, ...(peer ? [peer] : []), ...others];
    const times = sides.map((): number[] => []);
    const affordable = Math.max(effort.least, Math.floor(effort.seconds / sides.reduce((sum, { seconds }) => sum + seconds, 0)));
    const n = Math.min(effort.repetitions, affordable, one.repetitions ?? Infinity);
    for (let i = 0; i < n; i++) {
      bench.progress(`${one.name}: repetition ${i + 1} of ${n}`);
      // Who goes first changes, so that a machine that slows down or speeds up favours nobody.
      const order = i % 2 === 0 ? sides : sides.toReversed();
      for (const side of order) {
        times[sides.indexOf(side)]!.push((await turn(side)) / UNIT_SECONDS[one.unit]);
      }
    }
    const [own, other] = [times[0]!, peer ? times[1]! : undefined];
    const figure = summary(own).median;
    const ratio = other ? summary(other).median / figure : null;
    const ratios = other?.map((value, i) => value / own[i]!);
    others.forEach((side, i) => {
      const { median } = summary(times[sides.length - others.length + i]!);
      beside.push({ label: side.side.label, value: median, ratio: median / figure, ...(side.facts.note === undefined ? {} : { note: side.facts.note }) });
    });
    const { flop = 0, bytes = 0 } = ours.facts;
    const machine = flop + bytes === 0 ? null : await bench.machine([one.ours.process, ...(one.peer ? [one.peer.process] : [])]);
    const least = machine && leastSeconds(machine, { flop, bytes }, one.oneCore === true) / UNIT_SECONDS[one.unit];
    return {
      ours: figure, peer: other ? summary(other).median : null, ratio, reached: reached(one, figure, ratio), n,
      ranges: { ours: range(own), peer: other ? range(other) : null, ratio: ratios ? range(ratios) : null },
      beside: [...beside, ...failed],
      machine: least === null || Number.isNaN(least) ? null : { value: least, share: least / figure, flop, bytes },
      notes: [ours, ...(peer ? [peer] : [])].flatMap(({ facts, side }) => [
        ...(facts.note === undefined ? [] : [`${side.label}: ${facts.note}`]),
        ...(facts.deviation === undefined ? [] : [`${side.label}: same results within ${facts.deviation.toExponential(1)}`]),
      ]),
    };
  } finally {
    for (const { child, key } of opened) await child.close(key).catch(() => undefined);
  }
}

function reached({ limit }: BenchCase, figure: number, ratio: number | null): boolean | null {
  if (limit === undefined) return null;
  return 'atLeast' in limit ? (ratio ?? 0) >= limit.atLeast : figure <= limit.atMost;
}

function range(values: readonly number[]): [number, number] {
  const { min, max } = summary(values);
  return [min, max];
}

/** Opens a side, warms it up and finds how many iterations make a block. The peer must have the same network and reproduce our results. */
async function open(one: BenchCase, side: Side, ours: Facts, bench: Bench, effort: Effort): Promise<Opened> {
  bench.progress(`${one.name}: ${side.label} gets ready`);
  const child = await bench.child(side.process);
  const key = `${one.name} ${side.label}`;
  const { reference, device } = ours;
  const facts = await child.open(key, side.work, { ...side.params, ...(reference === undefined ? {} : { reference }), ...(device === undefined ? {} : { device }) });
  try {
    if (ours.parameters !== undefined && facts.parameters !== undefined && facts.parameters !== ours.parameters) {
      throw new SigdegError('INTERNAL', `${side.label}: expected ${ours.parameters} parameters as ours, found ${facts.parameters}: the networks differ`);
    }
    if (facts.deviation !== undefined && !(facts.deviation <= 1e-4)) {
      throw new SigdegError('INTERNAL', `${side.label}: expected our network's results within 1e-4, found ${facts.deviation}: the networks differ`);
    }
    // A whole program is measured as it starts.
    if (one.cold === true) return { side, child, key, facts, iterations: 1, seconds: 0 };
    // The first call compiles, records or fills caches; what takes long is warm after that.
    let seconds = await child.run(key, 1);
    if (seconds < 4 * effort.blockSeconds) seconds = await child.run(key, 1);
    let iterations = blockOf(seconds, effort);
    if (iterations > 1) {
      seconds = (await child.run(key, iterations)) / iterations;
      iterations = blockOf(seconds, effort);
    }
    return { side, child, key, facts, iterations, seconds: seconds * iterations };
  } catch (error) {
    await child.close(key).catch(() => undefined);
    throw error;
  }
}

const blockOf = (seconds: number, { blockSeconds }: Effort): number => Math.max(1, Math.min(LONGEST_BLOCK, Math.ceil(blockSeconds / seconds)));

/** Seconds of one unit. */
async function turn({ child, key, facts, iterations }: Opened): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  return (await child.run(key, iterations)) / iterations / (facts.units ?? 1);
}
