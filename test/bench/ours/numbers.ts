/** Random numbers, and what is made of them: partial signatures. */
import { coarseIndices, fineGrid } from '../../../src/core/grid';
import { fillNormals } from '../../../src/core/random/normal';
import { STREAM } from '../../../src/core/random/streams';
import { createSchedule } from '../../../src/core/schedule';
import { sizeOf } from '../../../src/core/shape';
import { FineNoise } from '../../../src/diffusion/brownian';
import { timed, type OpenWork } from './work';

const NORMALS = 1 << 20;

/** Standard normals in place, one long address a call. */
export const openNormals: OpenWork = (params) => {
  const wide = params['dtype'] === 'float64';
  const out = wide ? new Float64Array(NORMALS) : new Float32Array(NORMALS);
  let step = 0;
  return {
    facts: { units: NORMALS, bytes: wide ? 8 : 4 },
    run: (iterations) => timed(iterations, () => { fillNormals(out, 0, NORMALS, 1, STREAM.sampling, 0, step++); }),
  };
};

/** The fine noise of some items over 1000 steps, drawn and summed up to a partial signature of depth 3 over each of 10 coarse steps. */
export const openSignature: OpenWork = (params) => {
  const itemShape = params['itemShape'] as number[];
  const count = params['items'] as number;
  const fine = fineGrid(createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 }), { steps: 1000, tMin: 1e-3 });
  const indices = coarseIndices(fine, 10, 'quad');
  const numbers = count * sizeOf(itemShape) * fine.steps;
  let seed = 0;
  return {
    facts: { units: numbers, flop: 2 * 3, bytes: 8 },
    run: (iterations) => timed(iterations, () => {
      new FineNoise(fine, { seed: seed++, stream: STREAM.sampling, first: 0, count, itemShape }).prepare([{ indices, clock: 'theta', depth: 3 }]);
    }),
  };
};
