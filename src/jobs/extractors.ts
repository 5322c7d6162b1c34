/**
 * What an evaluation measures distances on: the samples themselves, random projections of them, or what a classifier says of them. The features of two sets
 * are comparable only when the same extractor made them, so it has a name and the hash of its weights.
 */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { messageOf, SigdegError } from '../core/errors';
import { fillNormalRows } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import { sizeOf } from '../core/shape';
import type { Dataset } from '../data/dataset';
import { decodeSafetensors } from '../formats/safetensors';
import { CLASSIFIER_FEATURES, createClassifier } from '../nets/classifier';
import { recorded } from '../runtime/recorded';
import * as tf from '../runtime/tf';
import { hashBytes } from '../store/hash';
import type { EvaluationSection } from './config-evaluation';
import { mediaPath } from './media-folder';
import { onnxFeatures } from './onnx-features';

export interface Extractor {
  /** `pixels`, `projections`, `mnist`, or a file's name, with the hash of its weights where it has some. */
  readonly name: string;
  readonly dimension: number;
  /** Samples [n, …item] flat in model units → [n, dimension] flat. */
  features(samples: Float32Array): Float32Array;
  /** Of a classifier: how sure it is of its answer for each sample, [n] in 0 … 1. */
  confidence?(samples: Float32Array): Float32Array;
}

/** What `evaluation.extractor` may say instead of the path of a file. */
export const EXTRACTOR_NAMES = ['auto', 'pixels', 'projections', 'mnist', 'fashion-mnist'] as const;
const SHIPPED = ['mnist', 'fashion-mnist'];

/**
 * The extractor that an evaluation names. `auto` is the classifier that ships for a dataset, else the samples themselves.
 * @throws SigdegError NO_DATA, BAD_FILE, UNSUPPORTED when it is not for such items
 */
export function openExtractor(choice: EvaluationSection['extractor'], { name, itemShape }: Pick<Dataset, 'name' | 'itemShape'>, baseDir: string): Extractor {
  if (typeof choice !== 'string') return onnxExtractor(choice, itemShape, baseDir);
  const wanted = choice === 'auto' ? (SHIPPED.includes(name) ? name : 'pixels') : choice;
  if (wanted === 'pixels') return { name: 'pixels', dimension: sizeOf(itemShape), features: (samples) => samples };
  if (wanted === 'projections') return projections(itemShape);
  if (wanted.endsWith('.onnx')) throw new SigdegError('BAD_CONFIG', `evaluation.extractor: expected {"onnx": ${JSON.stringify(wanted)}, …} in an experiment file, with the rule that resizes (docs/import-onnx.md), found the bare path of an ONNX file`);
  const file = SHIPPED.includes(wanted) ? mediaPath('models', wanted, 'classifier.safetensors') : path.resolve(baseDir, wanted);
  return classifierOf(file, SHIPPED.includes(wanted) ? wanted : path.basename(file), itemShape);
}

/** Any network of images that is an ONNX file, such as Inception-v3 (docs/import-onnx.md). It stays open for as long as the process lives: an evaluation has one. */
function onnxExtractor({ onnx, ...options }: Exclude<EvaluationSection['extractor'], string>, itemShape: readonly number[], baseDir: string): Extractor {
  const [height, width, channels] = itemShape;
  if (height === undefined || width === undefined || channels === undefined) throw new SigdegError('UNSUPPORTED', `evaluation.extractor: an ONNX file takes images, found items [${itemShape.join(', ')}]: name another, such as pixels`);
  const extract = onnxFeatures(path.resolve(baseDir, onnx), options);
  const features = (samples: Float32Array): Float32Array => extract(samples, [samples.length / sizeOf(itemShape), height, width, channels]);
  return { name: `${path.basename(onnx)} ${extract.hash.slice(0, 8)}`, dimension: features(new Float32Array(sizeOf(itemShape))).length, features };
}

const PROJECTIONS = 64;

/** Products with random directions of unit variance: keeps distances in expectation (Johnson and Lindenstrauss 1984) at a size that a covariance of few samples bears. */
function projections(itemShape: readonly number[]): Extractor {
  const size = sizeOf(itemShape);
  const directions = new Float32Array(size * PROJECTIONS);
  fillNormalRows(directions, 0, PROJECTIONS, size, 'items', 0, STREAM.projection, 0, 0);
  for (let i = 0; i < directions.length; i++) directions[i]! /= Math.sqrt(PROJECTIONS);
  return {
    name: `projections ${PROJECTIONS}`,
    dimension: PROJECTIONS,
    features: (samples) => tf.tidy(() => tf.matMul(tf.tensor2d(samples, [samples.length / size, size]), tf.tensor2d(directions, [size, PROJECTIONS])).dataSync<'float32'>().slice()),
  };
}

/** Items in one call: always so many, so that rounding does not depend on how many are wanted. */
const AT_ONCE = 256;

function classifierOf(file: string, title: string, itemShape: readonly number[]): Extractor {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new SigdegError('NO_DATA', `evaluation.extractor: ${file} cannot be read (${messageOf(cause)}): name one of ${EXTRACTOR_NAMES.join(', ')}, or the path of a classifier`, { cause });
  }
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  if (metadata['format'] !== 'sigdeg-classifier' || metadata['version'] !== '1') {
    throw new SigdegError('BAD_FILE', `${file}: expected a classifier (metadata format sigdeg-classifier, version 1), found format ${metadata['format'] ?? 'none'}`);
  }
  if (metadata['itemShape'] !== JSON.stringify(itemShape)) {
    throw new SigdegError('UNSUPPORTED', `evaluation.extractor: ${title} is for items ${metadata['itemShape'] ?? '?'}, found ${JSON.stringify(itemShape)}: name another, such as pixels or projections`);
  }
  const classifier = createClassifier({ itemShape, classes: Number(metadata['classes']) });
  const flat = classifier.layout.fromTensors(tensors, file);
  // For as long as the process lives: an evaluation has one.
  const pieces = tf.tidy(() => classifier.layout.split(tf.tensor1d(flat)));
  const weights = classifier.layout.weights(pieces);
  const both = recorded(({ x }) => {
    const features = classifier.features(weights, x as tf.Tensor4D);
    return [features, tf.max(tf.softmax(classifier.logits(weights, features)), 1)];
  });
  const run = (samples: Float32Array): { features: Float32Array; confidence: Float32Array } => {
    const size = sizeOf(itemShape);
    const count = samples.length / size;
    const [features, confidence] = [new Float32Array(count * CLASSIFIER_FEATURES), new Float32Array(count)];
    for (let first = 0; first < count; first += AT_ONCE) {
      const x = new Float32Array(AT_ONCE * size);
      x.set(samples.subarray(first * size, (first + AT_ONCE) * size));
      const found = tf.tidy(() => both({ x: tf.tensor(x, [AT_ONCE, ...itemShape]) }).map((result) => result.dataSync<'float32'>().slice())) as [Float32Array, Float32Array];
      const rows = Math.min(AT_ONCE, count - first);
      features.set(found[0].subarray(0, rows * CLASSIFIER_FEATURES), first * CLASSIFIER_FEATURES);
      confidence.set(found[1].subarray(0, rows), first);
    }
    return { features, confidence };
  };
  // One pass gives both, and who asks for one of a set mostly asks for the other next.
  let last: { samples: Float32Array; found: ReturnType<typeof run> } | undefined;
  const of = (samples: Float32Array): ReturnType<typeof run> => {
    if (last?.samples !== samples) last = { samples, found: run(samples) };
    return last.found;
  };
  return {
    name: `${title} ${hashBytes(bytes).slice(0, 8)}`,
    dimension: CLASSIFIER_FEATURES,
    features: (samples) => of(samples).features,
    confidence: (samples) => of(samples).confidence,
  };
}
