/** Random numbers. */
import { fillNormals } from '../../../src/core/random/normal';
import { STREAM } from '../../../src/core/random/streams';
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
