/** Trains the classifier whose features the FID-style distances of a dataset are measured on. */
import { writeFileSync } from 'node:fs';
import { fillNormalRows, fillUniforms, uniformInteger } from '../../src/core/random/normal';
import { STREAM } from '../../src/core/random/streams';
import { sizeOf } from '../../src/core/shape';
import type { Dataset } from '../../src/data/dataset';
import { loadDataset } from '../../src/data/registry';
import { floatsToHalves, halvesToFloats } from '../../src/formats/half';
import { encodeSafetensors, type TensorData } from '../../src/formats/safetensors';
import { createClassifier } from '../../src/nets/classifier';
import { freshState, train, type Objective } from '../../src/nets/trainer';
import * as tf from '../../src/runtime/tf';

const CLASSES = 10;
const SEED = 0;
const TRAINING = { steps: 6000, batch: 128, learningRate: 0.002, warmup: 200, clip: 1, ema: 0.998, checkpointEvery: 6000, logEvery: 200 };
/** Images are moved by up to so many pixels, and noise of up to this deviation is added: features of imperfect samples shall still mean something. */
const [SHIFT, NOISE] = [2, 0.2];
const AT_ONCE = 500;

/** Cross-entropy over random items, moved and made noisy at random. */
function objective(dataset: Dataset, classifier: ReturnType<typeof createClassifier>, batch: number): Objective {
  const [height = 0, width = 0, channels = 0] = dataset.itemShape;
  const size = sizeOf(dataset.itemShape);
  return {
    batch(step) {
      const x = new Float32Array(batch * size).fill(-1);
      const labels = new Float32Array(batch * CLASSES);
      const item = new Float32Array(size);
      const noise = new Float32Array(batch * size);
      const u = new Float64Array(3);
      fillNormalRows(noise, 0, size, batch, 'items', SEED, STREAM.trainingNoise, 0, step);
      for (let i = 0; i < batch; i++) {
        const index = uniformInteger(dataset.count, SEED, STREAM.trainingItem, i, step);
        fillUniforms(u, 0, 3, SEED, STREAM.trainingTime, i, step);
        const [dy, dx] = [u[0]!, u[1]!].map((v) => Math.floor(v * (2 * SHIFT + 1)) - SHIFT) as [number, number];
        dataset.fill(item, 0, index);
        for (let row = Math.max(0, dy); row < Math.min(height, height + dy); row++) {
          for (let column = Math.max(0, dx); column < Math.min(width, width + dx); column++) {
            for (let c = 0; c < channels; c++) x[i * size + (row * width + column) * channels + c] = item[((row - dy) * width + column - dx) * channels + c]!;
          }
        }
        for (let d = 0; d < size; d++) x[i * size + d]! += NOISE * u[2]! * noise[i * size + d]!;
        labels[i * CLASSES + dataset.label!(index)] = 1;
      }
      return { x: { shape: [batch, ...dataset.itemShape], data: x }, labels: { shape: [batch, CLASSES], data: labels } };
    },
    loss(weights, { x, labels }) {
      const logits = classifier.logits(weights, classifier.features(weights, x as tf.Tensor4D));
      return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), labels!), 1)));
    },
  };
}

/** Share of the items that get their class, and of those that get any with at least 0.95 confidence. */
function test(dataset: Dataset, classifier: ReturnType<typeof createClassifier>, flat: Float32Array): { accuracy: number; confident: number } {
  const size = sizeOf(dataset.itemShape);
  let right = 0;
  let confident = 0;
  for (let first = 0; first < dataset.count; first += AT_ONCE) {
    const x = new Float32Array(AT_ONCE * size);
    for (let i = 0; i < AT_ONCE; i++) dataset.fill(x, i * size, first + i);
    const probabilities = tf.tidy(() => {
      const weights = classifier.layout.weights(classifier.layout.split(tf.tensor1d(flat)));
      return tf.softmax(classifier.logits(weights, classifier.features(weights, tf.tensor4d(x, [AT_ONCE, ...dataset.itemShape] as [number, number, number, number])))).dataSync<'float32'>();
    });
    for (let i = 0; i < AT_ONCE; i++) {
      const row = [...probabilities.subarray(i * CLASSES, (i + 1) * CLASSES)];
      const best = Math.max(...row);
      if (row.indexOf(best) === dataset.label!(first + i)) right++;
      if (best >= 0.95) confident++;
    }
  }
  return { accuracy: right / dataset.count, confident: confident / dataset.count };
}

/** Trains on one of the sets that come in two parts and writes the file that `sigdeg evaluate` reads. */
export async function trainClassifier(name: string, out: string): Promise<void> {
  const [training, held] = (['train', 'test'] as const).map((split) => loadDataset({ name, split }, '.')) as [Dataset, Dataset];
  const classifier = createClassifier({ itemShape: training.itemShape, classes: CLASSES });
  let ema = new Float32Array(0);
  const started = Date.now();
  await train(classifier.layout, objective(training, classifier, TRAINING.batch), TRAINING, freshState(classifier.layout.initial(SEED)), {
    onLoss: (step, loss) => process.stderr.write(`step ${step} of ${TRAINING.steps}: cross-entropy ${loss.toFixed(4)}\n`),
    onCheckpoint: (state) => { ema = Float32Array.from(state.ema); },
    interrupted: () => false,
  });
  // What is stored is what is tested.
  const stored = halvesToFloats(floatsToHalves(ema));
  const tensors = new Map([...classifier.layout.toTensors(stored)].map(([key, { shape, data }]): [string, TensorData] => [key, { dtype: 'F16', shape, data: floatsToHalves(data as Float32Array) }]));
  const { accuracy, confident } = test(held, classifier, stored);
  const metadata = { format: 'sigdeg-classifier', version: '1', dataset: name, itemShape: JSON.stringify(training.itemShape), classes: String(CLASSES), accuracy: String(accuracy), confident: String(confident), seed: String(SEED), steps: String(TRAINING.steps) };
  writeFileSync(out, encodeSafetensors(tensors, metadata));
  process.stdout.write(`${out}: ${classifier.layout.size} parameters, ${(100 * accuracy).toFixed(2)} % of the test items right, ${(100 * confident).toFixed(1)} % with 0.95 confidence, ${Math.round((Date.now() - started) / 1000)} s\n`);
}
