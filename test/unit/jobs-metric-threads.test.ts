/** Threads that share a metric's work change nothing of its value. */
import { afterEach, expect, test } from 'vitest';
import { fillNormals } from '../../src/core/random/normal';
import { STREAM } from '../../src/core/random/streams';
import { MetricThreads } from '../../src/jobs/metric-threads';
import { frechetDistance } from '../../src/metrics/frechet';
import { kidBetween, kidSummary } from '../../src/metrics/kid';
import { inParts, shareWork, type Part } from '../../src/metrics/parallel';
import { PARTS } from '../../src/metrics/parts';
import { slicedWasserstein } from '../../src/metrics/sliced-wasserstein';

let threads: MetricThreads | undefined;
const start = (...options: ConstructorParameters<typeof MetricThreads>): void => {
  threads = new MetricThreads(...options);
  shareWork(threads);
};

afterEach(() => {
  shareWork(undefined);
  threads?.close();
});

function normals(count: number, seed: number, scale: number): Float32Array {
  const values = new Float64Array(count);
  fillNormals(values, 0, count, seed, STREAM.sampling, 0, 0);
  return Float32Array.from(values, (z) => scale * z);
}

/** Of a name that PARTS may know. */
const squareOf = (name: string): Part<{ readonly x: Float32Array }, number> => ({ name, run: ({ x }) => x[0]! ** 2 });
const numbers = (count: number) => Array.from({ length: count }, (_, i) => ({ x: Float32Array.of(9, i).subarray(1) }));
const squares = (count: number) => Array.from({ length: count }, (_, i) => i ** 2);

test('every part has a name of its own', () => {
  expect(PARTS.size).toBe(4);
});

test.each([1, 3])('metrics are the same to the bit with %i threads more', (count) => {
  const dimension = 256;
  const [a, b] = [normals(4096 * dimension, 1, 1), normals(4096 * dimension, 2, 1.3)];
  const all = () => [
    frechetDistance(a, b, dimension),
    kidBetween(kidSummary(a, dimension, { subsets: 5, subsetSize: 300 }), kidSummary(b, dimension, { subsets: 5, subsetSize: 300 })),
    slicedWasserstein(a, b, dimension, { projections: 40 }),
  ];
  const alone = all();
  expect(alone.every((value) => value > 0)).toBe(true);
  start(count);
  expect(all()).toEqual(alone);
  // The threads are still there.
  expect(all()).toEqual(alone);
});

test('what a thread cannot do, or not in time, is done here, in order', () => {
  start(2);
  expect(inParts(squareOf('unheard of'), numbers(7))).toEqual(squares(7));
  threads!.close();
  start(2, 0);
  // Long before a thread can have started.
  expect(inParts(squareOf('unheard of'), numbers(7))).toEqual(squares(7));
  expect(inParts(squareOf('unheard of'), numbers(3))).toEqual(squares(3));
});

test('an error of a part is its caller’s, and the next call has fresh threads', () => {
  start(1);
  const odd: Part<{ readonly x: Float32Array }, number> = { name: 'odd', run: ({ x }) => { throw new RangeError(`no square of ${x[0]!}`); } };
  expect(() => inParts(odd, numbers(4))).toThrow('no square of 0');
  expect(inParts(squareOf('unheard of'), numbers(4))).toEqual(squares(4));
});
