import { SigdegError } from '../core/errors';
import type { NoiseSchedule } from '../core/schedule';
import { netDenoiser, type Denoiser } from '../diffusion/denoiser';
import { predictionsOn } from '../diffusion/predictions';
import { createTeacher } from '../diffusion/teacher';
import { decodeSafetensors } from '../formats/safetensors';
import type { ParameterLayout, Weights } from '../nets/parameters';
import * as tf from '../runtime/tf';
import { createOnnxNet, noWeights, type OnnxNet } from '../nets/onnx-net';
import { openOnnx } from '../runtime/onnx-session';
import { studentSampler, type StudentSampler } from '../sigdeg/sample';
import { Student, teacherX0, type TeacherX0 } from '../sigdeg/student';
import type { Checkpoint } from '../store/checkpoints';
import { readManifest, runFolder, type RunManifest } from '../store/run';
import { classesOf, taughtCondition } from './condition';
import { fitsTeacher, isImported, isOnnxTeacher, setupOf, type Common, type StudentConfig } from './setup';
import { ONNX_FILE, trainedCheckpoint, weightsFile, type WeightsKind } from './trained-checkpoint';

/** A trained model in memory. */
export interface LoadedModel {
  readonly manifest: RunManifest;
  readonly config: Common;
  /** Names the weights. */
  readonly hash: string;
  readonly teacher: Denoiser;
  /** Present when the run is a student's; `teacher` is the one that taught it. */
  readonly student?: {
    readonly model: Student;
    readonly weights: Weights;
    /** For a correction student. */
    readonly teacherX0: TeacherX0 | undefined;
    readonly config: StudentConfig;
    readonly sampler: StudentSampler;
  };
}

export function flatWeights(checkpoint: Checkpoint, layout: ParameterLayout, kind: WeightsKind, where: string): Float32Array {
  const file = weightsFile(kind);
  return layout.fromTensors(decodeSafetensors(checkpoint.file(file), where).tensors, `${where}/${file}`);
}

/** Models stay in memory: the tasks of a job come back to the same few again and again. */
const MOST_LOADED = 64;
const loaded = new Map<string, LoadedModel & { dispose(): void }>();

/** Loads a teacher or student run. It is read once a process: a job's parents do not change while it runs. */
export function loadModel(runsDir: string, id: string, kind: WeightsKind): LoadedModel {
  const key = `${runFolder(runsDir, id)}|${kind}`;
  const known = loaded.get(key);
  if (known) return known;
  const model = load(runsDir, id, kind);
  loaded.set(key, model);
  const [oldest] = loaded;
  if (loaded.size > MOST_LOADED && oldest) {
    oldest[1].dispose();
    loaded.delete(oldest[0]);
  }
  return model;
}

function load(runsDir: string, id: string, kind: WeightsKind): LoadedModel & { dispose(): void } {
  const dir = runFolder(runsDir, id);
  const manifest = readManifest(dir);
  if (manifest.kind !== 'teacher' && manifest.kind !== 'student') {
    throw new SigdegError('BAD_USAGE', `${id} is a run of kind ${manifest.kind}: name a teacher or a student`);
  }
  const checkpoint = trainedCheckpoint(dir);
  const config = manifest.config as unknown as Common;
  const { dataset, schedule } = setupOf(config);
  const kept: tf.Tensor[] = [];
  const weightsOf = (layout: ParameterLayout, source: Checkpoint, run: string, which: WeightsKind): Weights => {
    const flat = flatWeights(source, layout, which, run);
    const pieces = tf.tidy(() => layout.split(tf.tensor1d(flat)));
    kept.push(...pieces);
    return layout.weights(pieces);
  };
  const teacherId = manifest.kind === 'teacher' ? id : manifest.parents[0]!;
  const source = manifest.kind === 'teacher' ? checkpoint : trainedCheckpoint(runFolder(runsDir, teacherId));
  const own = config.teacher;
  let onnx: OnnxNet | undefined;
  const denoiserOf = (): Denoiser => {
    if (isOnnxTeacher(own)) {
      const where = `${teacherId}/${ONNX_FILE}`;
      onnx = createOnnxNet(() => openOnnx(source.file(ONNX_FILE), where), own.net, dataset.itemShape, schedule, where);
      // A file is told x as it is, but for EDM's bare network.
      return netDenoiser(onnx, noWeights, { prediction: own.prediction, sigmaData: own.prediction === 'edm' ? schedule.sigmaData : undefined }, own.clip);
    }
    const { net, layout } = createTeacher(own.net, dataset.itemShape, schedule, classesOf(config)?.length);
    return netDenoiser(net, weightsOf(layout, source, teacherId, manifest.kind === 'teacher' && !isImported(own) ? kind : 'ema'), { prediction: own.prediction, sigmaData: schedule.sigmaData }, clipOf(config));
  };
  const teacher = denoiserOf();
  const dispose = (): void => {
    teacher.recordings.dispose();
    onnx?.dispose();
    tf.dispose(kept);
  };
  if (manifest.kind === 'teacher') return { manifest, config, hash: checkpoint.hash, teacher, dispose };

  const studentConfig = manifest.config as unknown as StudentConfig;
  const model = createStudent(studentConfig, dataset.itemShape, schedule);
  const correct = studentConfig.student.start === 'correction' ? teacherX0(teacher) : undefined;
  const weights = weightsOf(model.layout, checkpoint, id, kind);
  const sampler = studentSampler(model, weights, correct);
  return {
    manifest, config, hash: checkpoint.hash, teacher,
    student: { model, weights, teacherX0: correct, config: studentConfig, sampler },
    dispose() {
      sampler.dispose();
      dispose();
    },
  };
}

const clipOf = ({ teacher }: Common): number | null => (isImported(teacher) ? teacher.clip : null);

export function createStudent(config: StudentConfig, itemShape: readonly number[], { timestep, sigmaData }: Pick<NoiseSchedule, 'timestep' | 'sigmaData'> = {}): Student {
  const { student, teacher } = config;
  const net = student.net ?? teacher.net;
  if (!fitsTeacher(net.kind, student.start, teacher)) throw new SigdegError('BAD_CONFIG', `students: expected a net of the teacher's kind (${teacher.net.kind}), found ${net.kind}`);
  if (net.kind === 'onnx') throw new SigdegError('BAD_CONFIG', 'students: expected a net of their own beside a teacher that is an ONNX file, found none');
  const prediction = student.start === 'teacher' ? teacher.prediction : predictionsOn(config.schedule.name)[0];
  return new Student({ net, itemShape, depth: student.depth, counts: [student.steps].flat(), start: student.start, recurrence: student.recurrence, prediction, sigmaData, clip: clipOf(config), timestep, condition: taughtCondition(config) });
}
