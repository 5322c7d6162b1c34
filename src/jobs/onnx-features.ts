/** Features of images by a network that is an ONNX file, such as the Inception-v3 of the Fréchet inception distance (docs/import-onnx.md says how its file is made). */
import { SigdegError } from '../core/errors';
import { resizeImage, type ResizeRule } from '../core/resize';
import type { OnnxLayout } from '../nets/onnx-names';
import { openOnnx, type OnnxSession, type OnnxValueInfo } from '../runtime/onnx-session';
import { hashJson } from '../store/hash';
import { readOnnxFile } from './onnx-file';
import { describeValues, onlyValue } from './onnx-values';

export interface OnnxFeatureOptions {
  /** Names of the file's input and output; they may be left out where it has one. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  /** Where the network has its channels. */
  readonly layout: OnnxLayout;
  /** What black and white, −1 and 1 in model units, are at the network's input. */
  readonly inputRange: readonly [black: number, white: number];
  /** Whether pixels are rounded to bytes first, as they are in the files that published figures are measured on. */
  readonly quantise: boolean;
  /** The network's size and the rule that leads there; null: images go in as they are. */
  readonly resize: { readonly height: number; readonly width: number; readonly rule: ResizeRule } | null;
}

export interface OnnxFeatures {
  /**
   * @param samples in model units, [n, height, width, channels]; one channel serves a network of three.
   * @returns [n, d]
   * @throws SigdegError UNSUPPORTED when the images do not fit the network, BAD_FILE when it does not run
   */
  (samples: Float32Array, shape: readonly [n: number, height: number, width: number, channels: number]): Float32Array;
  /** Names the extractor: file and options. Features of other hashes are not comparable. */
  readonly hash: string;
  dispose(): void;
}

/** Images that are in ONNX Runtime at a time: Inception-v3 takes some 30 MB for each. */
const BATCH = 16;
const WHITE = 255;

/**
 * Opens an extractor. @param dir another copy of ONNX Runtime than the installed one, to try it
 * @throws SigdegError NOT_FOUND, BAD_FILE, UNSUPPORTED for the file, BAD_USAGE for names that it does not have, NO_ENGINE without ONNX Runtime
 */
export function onnxFeatures(file: string, options: OnnxFeatureOptions, dir?: string): OnnxFeatures {
  const { bytes, sha256 } = readOnnxFile(file);
  const session = openOnnx(bytes, file, dir);
  try {
    const input = onlyValue(session.inputs, options.input, 'input', file);
    const output = onlyValue(session.outputs, options.output, 'output', file);
    if (input.shape.length !== 4 || input.type !== 'float32') throw new SigdegError('UNSUPPORTED', `${file}: expected an input of images, float32 of rank 4, found ${describeValues([input])}`);
    const extract = (samples: Float32Array, shape: readonly [number, number, number, number]): Float32Array => featuresOf(samples, shape, { session, input, output: output.name, options, file });
    return Object.assign(extract, { hash: hashJson({ sha256, ...options, input: input.name, output: output.name }), dispose: () => { session.dispose(); } });
  } catch (error) {
    session.dispose();
    throw error;
  }
}

interface Extractor {
  readonly session: OnnxSession;
  readonly input: OnnxValueInfo;
  readonly output: string;
  readonly options: OnnxFeatureOptions;
  readonly file: string;
}

function featuresOf(samples: Float32Array, [count, height, width, channels]: readonly [number, number, number, number], { session, input, output, options, file }: Extractor): Float32Array {
  const { layout, resize } = options;
  const to = resize ?? { height, width };
  const [fixed, ...inner] = input.shape;
  const [wantedChannels, tall, wide] = layout === 'nchw' ? inner : [inner[2], inner[0], inner[1]];
  const into = channels === 1 && wantedChannels === 3 ? 3 : channels;
  const fits = ([[wantedChannels, into], [tall, to.height], [wide, to.width]] as const).every(([wanted, found]) => typeof wanted !== 'number' || wanted === found);
  if (!fits) throw new SigdegError('UNSUPPORTED', `${file}: expected images that fit ${describeValues([input])} (${layout}), found [${to.height}, ${to.width}, ${channels}]${resize === null ? ': name a size to resize to' : ''}`);
  const batch = typeof fixed === 'number' ? fixed : Math.min(BATCH, count);
  const size = to.height * to.width * into;
  const from = { height, width, channels };
  let features: Float32Array | undefined;
  for (let first = 0; first < count; first += batch) {
    // A fixed batch is filled up with black images.
    const data = new Float32Array((typeof fixed === 'number' ? batch : Math.min(batch, count - first)) * size);
    for (let i = first; i < Math.min(count, first + batch); i++) {
      const image = bytesOf(samples.subarray(i * height * width * channels, (i + 1) * height * width * channels), options.quantise);
      writeImage(resize ? resizeImage(image, from, to, resize.rule) : image, channels, data.subarray((i - first) * size, (i - first + 1) * size), into, options);
    }
    const rows = data.length / size;
    const found = session.run({ [input.name]: { shape: layout === 'nchw' ? [rows, into, to.height, to.width] : [rows, to.height, to.width, into], data } }, output);
    const d = found.data.length / rows;
    if (found.shape[0] !== rows) throw new SigdegError('UNSUPPORTED', `${file}: output «${output}»: expected features [n, d], found [${found.shape.join(', ')}] for ${rows} images`);
    features ??= new Float32Array(count * d);
    features.set(found.data.subarray(0, Math.min(rows, count - first) * d), first * d);
  }
  return features ?? new Float32Array(0);
}

/** Model units as 0 … 255. */
function bytesOf(image: Float32Array, quantise: boolean): Float32Array {
  return image.map((value) => {
    const level = Math.min(WHITE, Math.max(0, ((value + 1) * WHITE) / 2));
    return quantise ? Math.round(level) : level;
  });
}

/** Puts an image of 0 … 255, channels last, into the network's range and layout. */
function writeImage(image: Float32Array, channels: number, out: Float32Array, into: number, { layout, inputRange: [black, white] }: OnnxFeatureOptions): void {
  const pixels = image.length / channels;
  const scale = (white - black) / WHITE;
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < into; c++) {
      // A cubic rule overshoots.
      const level = Math.min(WHITE, Math.max(0, image[p * channels + (channels === 1 ? 0 : c)]!));
      out[layout === 'nchw' ? c * pixels + p : p * into + c] = black + scale * level;
    }
  }
}
