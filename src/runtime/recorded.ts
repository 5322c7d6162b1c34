/**
 * A function of tensors as ONE native call. On the native engine every operation costs 15–40 µs however small it is, and a training step has hundreds. Here
 * the kernel calls of one eager execution (for a training step: forward, gradients, optimiser) are written down as a TensorFlow graph while they run, and the
 * graph is replayed from then on: the same operations on the same numbers, without the way through JavaScript between them. Rounding may differ from eager
 * execution in the last bits, since TensorFlow fuses operations of a graph; one recording and another of the same function agree bit for bit.
 *
 * What changes from call to call must come in through the inputs; everything else that the function reads becomes a constant, shapes included.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { dropQuietly } from '../system/files';
import { departures } from './departures';
import { DATA_TYPE, GraphWriter, SAVED_MODEL_TAG, typeAttribute, type DataTypeName, type OpAttribute } from './graph-def';
import { rewritten } from './graph-rewrite';
import * as tf from './tf';

export type TensorFunction = (inputs: Readonly<Record<string, tf.Tensor>>) => tf.Tensor[];

export interface Recording {
  /** The results for these inputs; changes the graph's variables as the function would. */
  run(inputs: Readonly<Record<string, tf.Tensor>>): tf.Tensor[];
  /** Brings the variables, which the graph keeps for itself, up to date. */
  sync(): void;
  dispose(): void;
}

/** What is used of the backend of `@tensorflow/tfjs-node-gpu`. */
interface NativeBackend {
  executeSingleOutput(op: string, attributes: OpAttribute[] | null, inputs: tf.TensorInfo[]): tf.TensorInfo;
  executeMultipleOutputs(op: string, attributes: OpAttribute[] | null, inputs: tf.TensorInfo[], outputs: number): tf.TensorInfo[];
  readSync(dataId: object): ArrayBufferView;
  loadSavedModelMetaGraph(dir: string, tags: string): number;
  runSavedModel(id: number, inputs: tf.Tensor[], infos: { name: string }[], outputs: string[]): tf.Tensor[];
  deleteSavedModel(id: number): void;
}

interface Feed {
  readonly name: string;
  readonly node: string;
}

/** Names of the nodes through which a written graph is called. */
interface Written {
  readonly graph: GraphWriter;
  readonly inputs: readonly Feed[];
  readonly results: readonly string[];
  readonly variableFeeds: readonly string[];
  readonly variablesSet: string;
  readonly variableReads: readonly string[];
}

const dtypeOf = ({ dtype }: { dtype: string }): number => DATA_TYPE[dtype as DataTypeName];
let recordings = 0;
let recordingNow = false;

/**
 * The function itself, recorded at its first call with inputs of some names and shapes and replayed from then on; where the engine has no graphs, where the function
 * leaves the engine, and inside another recording, it just runs. Only for pure functions of the inputs and of tensors that never change (weights at rest).
 */
export function recorded(fn: TensorFunction): TensorFunction & { dispose(): void } {
  const known = new Map<string, Recording>();
  let recordable = true;
  const replay: TensorFunction = (inputs) => {
    if (!recordable || recordingNow || tf.getBackend() !== 'tensorflow') return fn(inputs);
    const key = Object.entries(inputs).map(([name, { shape }]) => `${name}:${shape.join(',')}`).join(';');
    const recording = known.get(key) ?? record(fn, inputs, []);
    if (recording === undefined) {
      recordable = false;
      return fn(inputs);
    }
    known.set(key, recording);
    return recording.run(inputs);
  };
  return Object.assign(replay, {
    dispose() {
      for (const recording of known.values()) recording.dispose();
      known.clear();
    },
  });
}

/** Recorded functions by name, to be freed together. */
export class Recordings {
  private readonly known = new Map<string, ReturnType<typeof recorded>>();

  /** The function of a name, recorded (see `recorded`); given again, it must be the same function. */
  of(name: string, fn: TensorFunction): TensorFunction {
    const known = this.known.get(name) ?? recorded(fn);
    this.known.set(name, known);
    return known;
  }

  dispose(): void {
    for (const fn of this.known.values()) fn.dispose();
    this.known.clear();
  }
}

/**
 * Records a function and prepares to replay it from the variables' present values on.
 * @param fn a function of its inputs and of the variables, which it changes by `assign`.
 * @param example inputs of the names and shapes that `run` will be given.
 * @returns undefined where the running engine has no graphs or the function leaves it (see `departures.ts`): run the function itself then.
 */
export function record(fn: TensorFunction, example: Readonly<Record<string, tf.Tensor>>, variables: readonly tf.Variable[]): Recording | undefined {
  if (tf.getBackend() !== 'tensorflow') return undefined;
  const backend = tf.backend() as unknown as NativeBackend;
  const start = variables.map((v) => tf.clone(v));
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-graph-'));
  try {
    const before = departures();
    const { graph, inputs, results, variableFeeds, variablesSet, variableReads } = write(backend, fn, example, variables);
    if (departures() !== before) {
      variables.forEach((variable, i) => { variable.assign(start[i]!); });
      return undefined;
    }
    fs.writeFileSync(path.join(dir, 'saved_model.pb'), graph.savedModel());
    const session = backend.loadSavedModelMetaGraph(dir, SAVED_MODEL_TAG);
    const call = (tensors: tf.Tensor[], feeds: readonly string[], fetches: readonly string[]): tf.Tensor[] =>
      backend.runSavedModel(session, tensors, feeds.map((name) => ({ name })), [...fetches]);
    if (variables.length > 0) tf.dispose(call(start, variableFeeds, [variablesSet]));
    const feeds = inputs.map(({ node }) => node);
    return {
      run: (given) => call(inputs.map(({ name }) => given[name]!), feeds, results),
      sync() {
        const values = call([], [], variableReads);
        variables.forEach((variable, i) => { variable.assign(values[i]!); });
        tf.dispose(values);
      },
      dispose: () => { backend.deleteSavedModel(session); },
    };
  } finally {
    tf.dispose(start);
    // The session has read it.
    dropQuietly(dir);
  }
}

/** Runs the function once under observation and writes down what its kernels did. */
function write(backend: NativeBackend, fn: TensorFunction, example: Readonly<Record<string, tf.Tensor>>, variables: readonly tf.Variable[]): Written {
  const graph = new GraphWriter();
  /** The node output that holds a tensor's data. */
  const outputs = new Map<object, string>();
  const prefix = `sigdeg-${recordings++}`;

  const inputs = Object.entries(example).map(([name, tensor]): Feed => {
    const node = graph.placeholder(dtypeOf(tensor), tensor.shape);
    outputs.set(tensor.dataId, node);
    return { name, node };
  });
  const handles = variables.map((v, i) => graph.variable(dtypeOf(v), v.shape, `${prefix}-${i}`));
  const variableReads = variables.map((v, i) => {
    const node = graph.node('ReadVariableOp', [handles[i]!], [typeAttribute('dtype', dtypeOf(v))]);
    outputs.set(v.dataId, node);
    return node;
  });
  const before = variables.map((v) => v.dataId);

  const outputOf = (tensor: tf.TensorInfo): string => {
    const known = outputs.get(tensor.dataId);
    if (known !== undefined) return known;
    const values = backend.readSync(tensor.dataId);
    const node = graph.constant(dtypeOf(tensor), tensor.shape, new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength));
    outputs.set(tensor.dataId, node);
    return node;
  };
  const single = backend.executeSingleOutput.bind(backend);
  const multiple = backend.executeMultipleOutputs.bind(backend);
  // Inputs are named before the call: a kernel may free a constant right after it.
  const observe = <T extends tf.TensorInfo | tf.TensorInfo[]>(op: string, attributes: OpAttribute[] | null, tensors: tf.TensorInfo[], execute: () => T): T => {
    const from = tensors.map(outputOf);
    const results = execute();
    const node = graph.node(...rewritten(op, from, attributes ?? [], tensors));
    [results].flat().forEach((result, i) => outputs.set(result.dataId, i === 0 ? node : `${node}:${i}`));
    return results;
  };
  backend.executeSingleOutput = (op, attributes, tensors) => observe(op, attributes, tensors, () => single(op, attributes, tensors));
  backend.executeMultipleOutputs = (op, attributes, tensors, count) => observe(op, attributes, tensors, () => multiple(op, attributes, tensors, count));
  const assign = (i: number, value: string): string => `^${graph.node('AssignVariableOp', [handles[i]!, value], [typeAttribute('dtype', dtypeOf(variables[i]!))])}`;
  recordingNow = true;
  try {
    let results: string[] = [];
    tf.tidy(() => {
      const tensors = fn(example);
      const changed = variables.flatMap((v, i) => (v.dataId === before[i] ? [] : [assign(i, outputOf(v))]));
      results = tensors.map((tensor) => graph.node('Identity', [outputOf(tensor), ...changed], [typeAttribute('T', dtypeOf(tensor))]));
    });
    const variableFeeds = variables.map((v) => graph.placeholder(dtypeOf(v), v.shape));
    const one = graph.constant(DATA_TYPE.float32, [], new Uint8Array(Float32Array.of(1).buffer));
    const variablesSet = graph.node('Identity', [one, ...variableFeeds.map((feed, i) => assign(i, feed))], [typeAttribute('T', DATA_TYPE.float32)]);
    return { graph, inputs, results, variableFeeds, variablesSet, variableReads };
  } finally {
    recordingNow = false;
    // The own properties hid the class's methods.
    for (const name of ['executeSingleOutput', 'executeMultipleOutputs']) Reflect.deleteProperty(backend, name);
  }
}
