/** Tries ONNX Runtime on a whole, if small, model: images through a convolution to their features, against plain arithmetic. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import { encodeOnnx } from '../formats/onnx';
import type { OnnxProbe } from '../runtime/onnx-install';
import { ONNX_PACKAGE } from '../runtime/onnx-package';
import { dropQuietly } from '../system/files';
import { onnxFeatures } from './onnx-features';

const SIDE = 6;
const COUNT = 3;
const FEATURES = 2;
const TOLERANCE = 1e-5;

/** @param dir another copy than the installed one. @throws SigdegError NO_ENGINE when it does not load or computes something else */
export function probeOnnx(dir?: string): OnnxProbe {
  const filter = Float32Array.from({ length: FEATURES * 9 }, (_, i) => Math.sin(i + 1));
  const images = Float32Array.from({ length: COUNT * SIDE * SIDE }, (_, i) => Math.sin(0.7 * i));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-onnx-'));
  try {
    const file = path.join(folder, 'probe.onnx');
    fs.writeFileSync(file, encodeOnnx({
      name: 'probe', description: 'mean of a convolution', producerVersion: '0',
      inputs: [{ name: 'image', shape: ['batch', 1, SIDE, SIDE] }], outputs: [{ name: 'features', shape: ['batch', FEATURES] }],
      nodes: [{ op: 'Conv', inputs: ['image', 'filter'], outputs: ['filtered'] }, { op: 'ReduceMean', inputs: ['filtered'], outputs: ['features'], attributes: { axes: [2, 3], keepdims: 0 } }],
      initializers: [{ name: 'filter', shape: [FEATURES, 1, 3, 3], data: filter }],
    }));
    const extract = onnxFeatures(file, { layout: 'nchw', inputRange: [-1, 1], quantise: false, resize: null }, dir);
    const found = extract(images, [COUNT, SIDE, SIDE, 1]);
    extract.dispose();
    const expected = expectedFeatures(images, filter);
    const difference = Math.max(...expected.map((value, i) => Math.abs(value - (found[i] ?? NaN))));
    if (!(difference < TOLERANCE)) throw new SigdegError('NO_ENGINE', `ONNX Runtime computes something else than plain arithmetic (they differ by ${difference}, expected less than ${TOLERANCE}): «sigdeg runtime install --onnx» fetches it anew`);
    return { version: ONNX_PACKAGE.version, detail: `runs ONNX files on the processor, within ${difference.toExponential(0)} of plain arithmetic` };
  } finally {
    dropQuietly(folder);
  }
}

/** The mean of a valid convolution, image by image and filter by filter. */
function expectedFeatures(images: Float32Array, filter: Float32Array): number[] {
  const inner = SIDE - 2;
  return Array.from({ length: COUNT * FEATURES }, (_, at) => {
    const [image, feature] = [Math.floor(at / FEATURES), at % FEATURES];
    let sum = 0;
    for (let y = 0; y < inner; y++) for (let x = 0; x < inner; x++) for (let k = 0; k < 9; k++) sum += filter[feature * 9 + k]! * images[image * SIDE * SIDE + (y + Math.floor(k / 3)) * SIDE + x + (k % 3)]!;
    return sum / inner ** 2;
  });
}
