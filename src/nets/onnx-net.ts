/** A network that is an ONNX file: evaluated by ONNX Runtime, outside of the tfjs engine, on numbers that are read from it. It has no weights here, and no gradient. */
import { SigdegError } from '../core/errors';
import type { NoiseSchedule } from '../core/schedule';
import { sizeOf } from '../core/shape';
import type { OnnxArray, OnnxSession, OnnxType, OnnxValueInfo } from '../runtime/onnx-session';
import * as tf from '../runtime/tf';
import { LAMBDA_SCALE, lambdaFeatures } from './embedding';
import type { OnnxNetConfig, OnnxTime } from './onnx-names';
import type { Net } from './net';
import type { Weights } from './parameters';

/** A step's index within this of a whole number is meant to be one: lambda reaches us in float32. */
const WHOLE = 1e-3;
/** Lambda alone. The features of our own networks begin with it, so that the embedding of a correction student serves its teacher, too. */
const FEATURES = lambdaFeatures(0);

/** A value that the model is told, by the lambda of an item: `width` numbers. */
interface Port {
  readonly info: OnnxValueInfo;
  readonly width: number;
  readonly write: (lambda: number, out: Float64Array, at: number) => void;
}

/** In the place of weights, which an ONNX file keeps to itself. */
export const noWeights: Weights = (name) => {
  throw new SigdegError('INTERNAL', `an ONNX file has no parameter «${name}» of ours`);
};

export interface OnnxNet extends Net {
  /** Frees the opened file. */
  dispose(): void;
}

/**
 * The network opens its file when it is first asked: students that do without their teacher do without ONNX Runtime. `apply` throws then what `open` throws, BAD_FILE when the
 * file has no such input or output, and UNSUPPORTED when one is of a type or shape that cannot be served.
 * @param itemShape channels last
 * @param where names the file in messages
 */
export function createOnnxNet(open: () => OnnxSession, config: OnnxNetConfig, itemShape: readonly number[], schedule: NoiseSchedule, where: string): OnnxNet {
  let opened: { session: OnnxSession; evaluate: Evaluate } | undefined;
  return {
    specs: [],
    features: FEATURES,
    apply(_weights, [x], embedding) {
      if (opened === undefined) {
        const session = open();
        opened = { session, evaluate: evaluator(session, config, itemShape, schedule, where) };
      }
      const { evaluate } = opened;
      return tf.tidy(() => evaluate(x!, embedding));
    },
    dispose() {
      opened?.session.dispose();
      opened = undefined;
    },
  };
}

/** Network output for x [batch, ...item] and the embedding [batch or 1, 1]. */
type Evaluate = (x: tf.Tensor, embedding: tf.Tensor2D) => tf.Tensor;

function evaluator(session: OnnxSession, config: OnnxNetConfig, itemShape: readonly number[], schedule: NoiseSchedule, where: string): Evaluate {
  const { inputs, output } = config;
  const x = named(session.inputs, inputs.x, where);
  if (x.type !== 'float32') throw new SigdegError('UNSUPPORTED', `${where}: input «${x.name}»: expected float32, found ${x.type}: export the model in float32`);
  named(session.outputs, output, where);
  const single = (value: (lambda: number) => number): Port['write'] => (lambda, out, at) => { out[at] = value(lambda); };
  const ports: Port[] = [timePort(named(session.inputs, inputs.time, where), config.time, schedule, where)];
  if (inputs.alpha !== undefined) ports.push({ info: named(session.inputs, inputs.alpha, where), width: 1, write: single((lambda) => schedule.levelOf(lambda).alpha) });
  if (inputs.sigma !== undefined) ports.push({ info: named(session.inputs, inputs.sigma, where), width: 1, write: single((lambda) => schedule.levelOf(lambda).sigma) });
  for (const { info } of ports) if (!(info.type in ARRAYS)) throw new SigdegError('UNSUPPORTED', `${where}: input «${info.name}»: expected one of ${Object.keys(ARRAYS).join(', ')}, found ${info.type}: export the model with another type`);

  const fixed = typeof x.shape[0] === 'number' ? x.shape[0] : undefined;
  const oneTime = ports.some(({ info: { shape } }) => typeof shape[0] !== 'string' && (shape[0] === undefined || shape[0] !== fixed));
  const channelsFirst = itemShape.length === 3 && config.layout === 'nchw';
  return (state, embedding) => {
    const here = channelsFirst ? tf.transpose(state, [0, 3, 1, 2]) : state;
    const [count, ...shape] = here.shape as [number, ...number[]];
    const [values, size] = [here.dataSync<'float32'>(), sizeOf(shape)];
    const lambdas = embedding.dataSync<'float32'>();
    const lambdaOf = (item: number): number => LAMBDA_SCALE * lambdas[lambdas.length === 1 ? 0 : item]!;
    const found = new Float32Array(values.length);
    const groups = oneTime && lambdas.length > 1 ? alike(count, lambdaOf) : [Array.from({ length: count }, (_, i) => i)];
    for (const items of groups.flatMap((group) => pieces(group, fixed ?? group.length))) {
      const data = new Float32Array(items.length * size);
      items.forEach((item, row) => { data.set(values.subarray(item * size, (item + 1) * size), row * size); });
      const feeds: Record<string, OnnxArray> = { [x.name]: { shape: [items.length, ...shape], data } };
      for (const port of ports) feeds[port.info.name] = feed(port, items.map(lambdaOf));
      const result = session.run(feeds, output);
      if (result.data.length !== data.length) throw new SigdegError('UNSUPPORTED', `${where}: output «${output}»: expected the shape of the input, [${[items.length, ...shape].join(', ')}], found [${result.shape.join(', ')}]: a learned variance or a condition in the channels is not supported`);
      items.forEach((item, row) => { found.set(result.data.subarray(row * size, (row + 1) * size), item * size); });
    }
    const out = tf.tensor(found, here.shape);
    return channelsFirst ? tf.transpose(out, [0, 2, 3, 1]) : out;
  };
}

function named(values: readonly OnnxValueInfo[], name: string, where: string): OnnxValueInfo {
  const found = values.find((value) => value.name === name);
  if (found) return found;
  throw new SigdegError('BAD_FILE', `${where}: expected an input or output «${name}», found ${values.map((value) => `«${value.name}»`).join(', ')}`);
}

function timePort(info: OnnxValueInfo, time: OnnxTime, schedule: NoiseSchedule, where: string): Port {
  const width = Number(info.shape[1] ?? 1) || 1;
  if (time === 'embedding') {
    const { size, write } = lambdaFeatures((width - 1) / 2);
    if (width % 2 === 0 || width === 1) throw new SigdegError('UNSUPPORTED', `${where}: input «${info.name}»: expected an odd number of features, at least 3, as the networks of this program have them, found ${width}: another --time`);
    const row = new Float32Array(size);
    return { info, width, write: (lambda, out, at) => { write(lambda, row, 0); out.set(row, at); } };
  }
  if (width !== 1 || info.shape.length > 2) throw new SigdegError('UNSUPPORTED', `${where}: input «${info.name}»: expected one time for each item, or one for all, found [${info.shape.join(', ')}]`);
  const value = timeOf(time, schedule, where);
  return { info, width, write: (lambda, out, at) => { out[at] = value(lambda); } };
}

function timeOf(time: Exclude<OnnxTime, 'embedding'>, schedule: NoiseSchedule, where: string): (lambda: number) => number {
  const { timestep, nodes } = schedule;
  const index = (lambda: number): number => {
    const step = timestep!(lambda);
    return Math.abs(step - Math.round(step)) < WHOLE ? Math.round(step) : step;
  };
  switch (time) {
    case 'index':
      if (nodes === undefined) throw new SigdegError('UNSUPPORTED', `${where}: expected a schedule of training steps, whose index the model is told, found ${schedule.name}: name the schedule that it was trained with, or another --time`);
      return index;
    case 't':
      return timestep && nodes ? (lambda) => (index(lambda) + 1) / nodes.length : inverse(schedule);
    case 'sigma':
      return (lambda) => schedule.levelOf(lambda).sigma;
    case 'c-noise':
      return (lambda) => -lambda / 4;
    case 'log-snr':
      return (lambda) => 2 * lambda;
  }
}

/** t of a lambda, which falls as t grows: by halving, once a lambda. */
function inverse({ lambda, tMax }: NoiseSchedule): (wanted: number) => number {
  const known = new Map<number, number>();
  return (wanted) => {
    let t = known.get(wanted);
    if (t !== undefined) return t;
    let [low, high] = [0, tMax];
    for (let k = 0; k < 60; k++) {
      const middle = (low + high) / 2;
      if (lambda(middle) > wanted) low = middle;
      else high = middle;
    }
    t = (low + high) / 2;
    known.set(wanted, t);
    return t;
  };
}

/** What inputs other than x may be made of. */
const ARRAYS: Readonly<Partial<Record<OnnxType, (values: Float64Array) => OnnxArray['data']>>> = {
  float32: (values) => Float32Array.from(values),
  float64: (values) => values,
  int32: (values) => Int32Array.from(values, Math.round),
  int64: (values) => BigInt64Array.from(values, (value) => BigInt(Math.round(value))),
};

/** One row an item, or one for all of them, as the input's shape wants it. */
function feed({ info: { type, shape }, width, write }: Port, lambdas: readonly number[]): OnnxArray {
  const rows = typeof shape[0] === 'string' ? lambdas.length : (shape[0] ?? 1);
  const values = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) write(lambdas[Math.min(row, lambdas.length - 1)]!, values, row * width);
  return { shape: shape.map((_, axis) => (axis === 0 ? rows : width)), data: ARRAYS[type]!(values) };
}

/** Items of equal times together. */
function alike(count: number, lambdaOf: (item: number) => number): number[][] {
  const groups = new Map<number, number[]>();
  for (let i = 0; i < count; i++) groups.set(lambdaOf(i), [...(groups.get(lambdaOf(i)) ?? []), i]);
  return [...groups.values()];
}

/** A group in pieces of one length; the last is filled up with its last item, which is then computed several times. */
function pieces(items: readonly number[], length: number): number[][] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, k) => Array.from({ length }, (_unused, i) => items[Math.min(k * length + i, items.length - 1)]!));
}
