/** A trained model as an ONNX file with the numbers that sampling with it takes. */
import { encodeOnnx } from '../../formats/onnx';
import { classesOf, usualGuidance } from '../condition';
import { loadModel, type LoadedModel } from '../model';
import { DENOISER_KEY, type OnnxDenoiserFacts } from '../onnx-import';
import { isImported, setupOf } from '../setup';
import type { WeightsKind } from '../trained-checkpoint';
import { carryShape, studentGraph, teacherGraph } from './graphs';
import { samplerFile, type SamplerFacts, type SamplerFile } from './sampler-file';

export interface ExportedModel {
  /** Bytes of `model.onnx`. */
  readonly onnx: Uint8Array;
  readonly sampler: SamplerFile;
}

/**
 * A student becomes its whole step (x, xi, embedding, alpha, sigma, keep, drift, noise → x_next), a teacher its estimate of the clean item (x, embedding, alpha,
 * sigma → x0); of a model with classes both also take these, a student the guidance scale, too. @throws SigdegError UNSUPPORTED, NOT_FOUND, BAD_CHECKPOINT
 */
export function exportModel(runsDir: string, id: string, weights: WeightsKind, producerVersion: string): ExportedModel {
  const model = loadModel(runsDir, id, weights);
  const { dataset, fine } = setupOf(model.config);
  const { itemShape, normalisation } = dataset;
  const { student } = model;
  const depth = student?.model.shape.depth ?? 1;
  const carry = student === undefined ? null : carryShape(student.model);
  const classes = classesOf(model.config);
  const guidance = student?.model.shape.condition?.guidance;
  const conditional = classes && { classes, guidance: guidance ?? null, usualGuidance: usualGuidance(guidance) };
  const facts: SamplerFacts = { kind: student === undefined ? 'teacher' : 'student', run: id, weights, weightsHash: model.hash, itemShape, normalisation, depth, carry, ...(conditional && { conditional }) };
  const sampler = student === undefined
    ? samplerFile(facts, fine, [fine.steps], 'quad', model.teacher.features, () => 1)
    : samplerFile(facts, fine, [student.config.student.steps].flat(), student.config.student.grid, student.model.features, (steps) => student.model.termsAt(steps));
  const graph = student === undefined ? teacherGraph(model.teacher, itemShape, classes?.length) : studentGraph(student.model, student.weights, student.teacherX0);
  const description = `${facts.kind} ${id} (weights: ${weights}, ${model.hash}). Items are [${itemShape.join(', ')}], channels last, in model units: data = model * ${normalisation.scale} + ${normalisation.offset}. How to sample stands in sampler.json.`;
  return { onnx: encodeOnnx({ name: facts.kind, description, producerVersion, ...graph, metadata: { run: id, weightsHash: model.hash, ...importFacts(model, itemShape) } }), sampler };
}

/** What makes a teacher of the file again, where it is told the time as our own networks are and no classes, which imported files are not told. */
function importFacts({ student, config: { teacher, schedule } }: LoadedModel, itemShape: readonly number[]): Record<string, string> {
  if (student !== undefined || isImported(teacher) || teacher.classes === true) return {};
  const facts: OnnxDenoiserFacts = { prediction: 'x0', time: 'embedding', schedule, shape: [...itemShape], layout: 'nhwc', inputs: { x: 'x', time: 'embedding', alpha: 'alpha', sigma: 'sigma' }, output: 'x0' };
  return { [DENOISER_KEY]: JSON.stringify(facts) };
}
