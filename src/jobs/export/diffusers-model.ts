/**
 * A model of UNet2DModel's shape as a folder that diffusers loads. A teacher goes back as it came: a pipeline. A student is a UNet2DModel, too: the signature is
 * further input channels, and its few pairs of times, of which diffusers knows one only, are rows of a table of class embeddings, one a step. Its own sampler goes
 * with it, since no pipeline of diffusers draws signatures.
 */
import { coarseIndices, coarsen } from '../../core/grid';
import { SigdegError } from '../../core/errors';
import { toX0 } from '../../diffusion/parametrisation';
import { decodeSafetensors, encodeSafetensors, type TensorData } from '../../formats/safetensors';
import { timeEmbedding } from '../../nets/unet2d';
import { projectionSize, timeDimension, type Unet2dArchitecture } from '../../nets/unet2d-config';
import { toDiffusers } from '../../nets/unet2d-weights';
import * as tf from '../../runtime/tf';
import { frameTable } from '../../sigdeg/frames';
import { runFolder } from '../../store/run';
import { schedulerFile, unetFile } from '../diffusers-config';
import { loadModel, type LoadedModel } from '../model';
import { isImported, isOnnxTeacher, setupOf } from '../setup';
import { trainedCheckpoint, weightsFile, type WeightsKind } from '../trained-checkpoint';

type Tensors = ReadonlyMap<string, TensorData>;

interface DiffusersFiles {
  /** By their path in the folder. */
  readonly files: Map<string, Uint8Array | string>;
  /** Which script samples with it, where diffusers itself has none. */
  readonly script?: string;
}

/** @throws SigdegError UNSUPPORTED for a network of another shape, NOT_FOUND, BAD_CHECKPOINT */
export function diffusersFiles(runsDir: string, id: string, weights: WeightsKind): DiffusersFiles {
  const model = loadModel(runsDir, id, weights);
  // Of an imported teacher there is one set of weights.
  const file = weightsFile(model.student === undefined ? 'ema' : weights);
  const { tensors } = decodeSafetensors(trainedCheckpoint(runFolder(runsDir, id)).file(file), `${id}/${file}`);
  return model.student === undefined ? teacherFiles(model, tensors) : studentFiles(model, weights, tensors);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const refused = (id: string, text: string): SigdegError => new SigdegError('UNSUPPORTED', `${id}: diffusers takes ${text}: export it --to python or onnx`);

function unetFiles(architecture: Unet2dArchitecture, tensors: Tensors): [string, Uint8Array | string][] {
  const theirs = new Map([...tensors].map(([name, tensor]) => [name, toDiffusers(name, tensor)]));
  return [['unet/config.json', json(unetFile(architecture))], ['unet/diffusion_pytorch_model.safetensors', encodeSafetensors(theirs, { format: 'pt' })]];
}

function teacherFiles({ manifest: { id }, config: { teacher, schedule } }: LoadedModel, tensors: Tensors): DiffusersFiles {
  if (!isImported(teacher) || isOnnxTeacher(teacher)) throw refused(id, 'a teacher that was imported from a folder of it');
  if (schedule.name !== 'discrete') throw refused(id, `a teacher with the noise levels of DDPM; this one's schedule is ${schedule.name}`);
  const { net: { architecture, classLabel }, prediction, clip, imported } = teacher;
  const files = new Map<string, Uint8Array | string>([
    ...unetFiles(architecture, tensors),
    ['scheduler/scheduler_config.json', json(schedulerFile({ schedule, prediction, clip, timestepSpacing: imported.timestepSpacing }))],
  ]);
  // DDPMPipeline names no class.
  if (classLabel === undefined) files.set('model_index.json', json({ _class_name: 'DDPMPipeline', scheduler: ['diffusers', 'DDPMScheduler'], unet: ['diffusers', 'UNet2DModel'] }));
  return { files };
}

function studentFiles({ manifest: { id }, config: common, hash, student }: LoadedModel, kind: WeightsKind, saved: Tensors): DiffusersFiles {
  const { model, weights, config: { student: { steps, grid } } } = student!;
  const { net, depth, start, recurrence, prediction = 'v', sigmaData, clip = null, timestep } = model.shape;
  if (net.kind !== 'unet2d') throw refused(id, `a student whose network is a UNet2DModel, as those of imported teachers are; this one is of kind ${net.kind}`);
  if (start === 'correction' || recurrence !== 'shared') throw refused(id, `a student that needs nothing beside its network; this one has start '${start}' and recurrence '${recurrence}'`);
  const own = net.architecture;
  if (own.center_input_sample) throw refused(id, 'a student whose state is not shifted before the network (center_input_sample)');
  if (sigmaData !== undefined) throw refused(id, 'a student whose network is told the state as it is, not at unit variance as on the schedules ve and edm');
  const { fine, dataset: { normalisation } } = setupOf(common);

  const rows: Float32Array[] = [];
  const samplers = Object.fromEntries([steps].flat().map((count) => {
    const indices = coarseIndices(fine, count, grid);
    const nodes = coarsen(fine, indices);
    return [count, frameTable(nodes, 'both', model.features).map(({ embedding, alpha, sigma, keep, drift, noise }, n) => tf.tidy(() => {
      rows.push(timeEmbedding(weights, own, tf.tensor2d(embedding, [1, embedding.length]), net.classLabel).dataSync<'float32'>().slice());
      const x0Of = (x: number, output: number): number => toX0({ prediction }, tf.scalar(output), tf.scalar(x), alpha, sigma).dataSync<'float32'>()[0]!;
      return { label: rows.length - 1, timestep: timestep!(nodes.lambda[n]!), terms: Math.min(model.termsAt(count), indices[n + 1]! - indices[n]!), keep, drift, noise, x0OfState: x0Of(1, 0), x0OfOutput: x0Of(0, 1) };
    }))];
  }));

  const time = timeDimension(own);
  const table = new Float32Array(rows.length * time);
  rows.forEach((row, i) => { table.set(row, i * time); });
  const architecture: Unet2dArchitecture = { ...own, in_channels: (1 + depth) * own.in_channels, class_embed_type: null, num_class_embeds: rows.length };
  const zeros = (...extents: number[]): TensorData => ({ dtype: 'F32', shape: extents, data: new Float32Array(extents.reduce((a, b) => a * b)) });
  const tensors = new Map([...saved].filter(([name]) => !name.startsWith('class_embedding.')));
  // What the table says takes the place of diffusers' own embedding of the one time.
  tensors.set('time_embedding.linear_1.weight', zeros(projectionSize(own), time));
  tensors.set('time_embedding.linear_2.weight', zeros(time, time));
  tensors.set('time_embedding.linear_2.bias', zeros(time));
  tensors.set('class_embedding.weight', { dtype: 'F32', shape: [rows.length, time], data: table });
  const about = { run: id, weights: kind, weightsHash: hash, depth, clip, normalisation, initialSigma: fine.sigma[0]!, samplers };
  return { files: new Map([...unetFiles(architecture, tensors), ['steps.json', json(about)]]), script: 'sample_diffusers.py' };
}
