/** A trained model as an ONNX file with the numbers that sampling with it takes. */
import type { OnnxModel } from '../../formats/onnx';
import { encodeOnnx } from '../../formats/onnx';
import { onnxGraph } from '../../nets/onnx';
import { hiddenSize } from '../../sigdeg/gru';
import * as tf from '../../runtime/tf';
import { loadModel, type LoadedModel, type WeightsKind } from '../model';
import { setupOf } from '../setup';
import { samplerFile, type SamplerFacts, type SamplerFile } from './sampler-file';

export interface ExportedModel {
  /** Bytes of `model.onnx`. */
  readonly onnx: Uint8Array;
  readonly sampler: SamplerFile;
}

const SCALARS = ['alpha', 'sigma', 'keep', 'drift', 'noise'] as const;

/**
 * A student becomes its whole step (x, xi, embedding, alpha, sigma, keep, drift, noise → x_next), a teacher its estimate of the clean item (x, embedding, alpha,
 * sigma → x0). @throws SigdegError UNSUPPORTED, NOT_FOUND, BAD_CHECKPOINT
 */
export function exportModel(runsDir: string, id: string, weights: WeightsKind, producerVersion: string): ExportedModel {
  const model = loadModel(runsDir, id, weights);
  const { dataset, fine } = setupOf(model.config);
  const { itemShape, normalisation } = dataset;
  const { student } = model;
  const depth = student?.model.shape.depth ?? 1;
  const carry = student === undefined ? null : carryShape(student.model.shape);
  const facts: SamplerFacts = { kind: student === undefined ? 'teacher' : 'student', run: id, weights, weightsHash: model.hash, itemShape, normalisation, depth, carry };
  const sampler = student === undefined
    ? samplerFile(facts, fine, [fine.steps], 'quad', model.teacher.features)
    : samplerFile(facts, fine, [student.config.student.steps].flat(), student.config.student.grid, student.model.features);
  const graph = student === undefined ? teacherGraph(model, itemShape) : studentGraph(model, itemShape, carry);
  const description = `${facts.kind} ${id} (weights: ${weights}, ${model.hash}). Items are [${itemShape.join(', ')}], channels last, in model units: data = model * ${normalisation.scale} + ${normalisation.offset}. How to sample stands in sampler.json.`;
  return { onnx: encodeOnnx({ name: facts.kind, description, producerVersion, ...graph, metadata: { run: id, weightsHash: model.hash } }), sampler };
}

function studentGraph({ student }: LoadedModel, itemShape: readonly number[], carry: readonly number[] | null): Graph {
  const { model, weights, teacherX0 } = student!;
  const { depth } = model.shape;
  return onnxGraph(
    ({ x, xi, embedding, carry: carried, ...frame }) => {
      const numbers = frame as Record<(typeof SCALARS)[number], tf.Tensor>;
      const next = model.step(weights, x!, xi!, { ...numbers, embedding: embedding as tf.Tensor2D }, carried, teacherX0);
      return next.carry ? [next.x, next.carry] : [next.x];
    },
    (batch) => ({
      x: tf.ones([batch, ...itemShape]),
      xi: tf.ones([batch, ...itemShape.slice(0, -1), depth * itemShape.at(-1)!]),
      embedding: tf.ones([1, 2 * model.features.size]),
      ...Object.fromEntries(SCALARS.map((name) => [name, tf.scalar(0.5)])),
      ...(carry === null ? {} : { carry: tf.zeros([batch, ...carry]) }),
    }),
    ['x_next', 'carry_next'],
  );
}

function teacherGraph({ teacher }: LoadedModel, itemShape: readonly number[]): Graph {
  return onnxGraph(
    ({ x, embedding, alpha, sigma }) => [teacher.x0(x!, { alpha: alpha!, sigma: sigma!, embedding: embedding as tf.Tensor2D })],
    (batch) => ({
      x: tf.ones([batch, ...itemShape]),
      embedding: tf.ones([1, teacher.features.size]),
      alpha: tf.scalar(0.5),
      sigma: tf.scalar(0.5),
    }),
    ['x0'],
  );
}

type Graph = Pick<OnnxModel, 'inputs' | 'outputs' | 'nodes' | 'initializers'>;

function carryShape({ recurrence, itemShape }: NonNullable<LoadedModel['student']>['model']['shape']): readonly number[] | null {
  if (recurrence === 'shared') return null;
  return recurrence === 'previous' ? itemShape : [...itemShape.slice(0, -1), hiddenSize(itemShape)];
}
