/** One evaluation of a denoiser at one noise level, as every sampler asks for it. */
import { sizeOf } from '../../../src/core/shape';
import * as tf from '../../../src/runtime/tf';
import { benchNet, denoiserOf, forwardCost, normals, writeReference, x0At, type NetName } from './nets';
import { timed, type OpenWork } from './work';

export const openForward: OpenWork = (params, { scratch }) => {
  const name = params['net'] as NetName;
  const batch = params['batch'] as number;
  const bench = benchNet(name);
  const reference = writeReference(bench, scratch, `${name}-forward-${batch}`);
  const { denoiser, dispose } = denoiserOf(bench);
  const shape = [batch, ...bench.itemShape];
  const x = tf.tensor(normals(sizeOf(shape), 4), shape);
  const { flop, activations } = forwardCost(bench);
  return {
    facts: { parameters: bench.layout.size, reference, flop: batch * flop, bytes: 4 * (2 * batch * activations + bench.layout.size) },
    run: (iterations) => timed(iterations, () => {
      const x0 = x0At(denoiser, x);
      x0.dataSync();
      x0.dispose();
    }),
    close() {
      dispose();
      x.dispose();
    },
  };
};
