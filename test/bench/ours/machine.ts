/** What the machine can do at most, as far as a program can see: the rate of a large matrix product, and of copying memory. */
import * as tf from '../../../src/runtime/tf';
import { normals } from './nets';
import { timed, type OpenWork } from './work';

const SIDE = 1024;

/** A product of square matrices in the engine of this process. */
export const openMatmul: OpenWork = () => {
  const a = tf.tensor2d(normals(SIDE * SIDE, 5), [SIDE, SIDE]);
  return {
    facts: { flop: 2 * SIDE ** 3 },
    run: (iterations) => timed(iterations, () => {
      const c = tf.matMul(a, a);
      c.dataSync();
      c.dispose();
    }),
    close: () => { a.dispose(); },
  };
};

/** Larger than a core's share of any cache. */
const COPIED = 1 << 26;

/** A copy: every byte is read once and written once. */
export const openCopy: OpenWork = () => {
  const from = new Uint8Array(COPIED).fill(1);
  const to = new Uint8Array(COPIED);
  return { facts: { bytes: 2 * COPIED }, run: (iterations) => timed(iterations, () => { to.set(from); }) };
};
