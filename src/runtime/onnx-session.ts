/**
 * ONNX Runtime as a function: an ONNX file in memory, arrays in, arrays out. The runtime's public JavaScript only postpones a call that is synchronous in its native
 * binding. Everything here that asks a denoiser does so in the middle of a computation on tensors, which cannot wait; so the binding is called directly, in the one
 * version that `runtime install` pins and tries.
 */
import { createRequire } from 'node:module';
import * as os from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { messageOf, SigdegError } from '../core/errors';
import { printable } from '../core/printable';
import { leaveEngine } from './departures';
import { isOnnxInstalled, ONNX_PACKAGE, onnxBinding, onnxDir } from './onnx-package';
import * as tf from './tf';

/** ONNX's element types by number, as far as models have them at their ends. */
const TYPES = [undefined, 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64'] as const;
export type OnnxType = NonNullable<(typeof TYPES)[number]> | 'other';

/** An input or output of a model. An extent that is a word, or nothing, is free. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly (number | string)[];
}

export interface OnnxArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array;
}

export interface OnnxSession {
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  /** Computes one output, which must be float32. @throws SigdegError BAD_FILE when the model does not run on these inputs */
  run(feeds: Readonly<Record<string, OnnxArray>>, output: string): { readonly shape: readonly number[]; readonly data: Float32Array };
  /** Frees the model; it cannot be run any more. */
  dispose(): void;
}

/** What the binding reads and makes of tensors. */
class BindingTensor {
  readonly location = 'cpu';
  constructor(readonly type: string, readonly data: unknown, readonly dims: readonly number[]) {}
}

interface Metadata {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: number;
  readonly shape?: readonly number[];
  readonly symbolicDimensions?: readonly string[];
}

interface BindingSession {
  readonly inputMetadata: readonly Metadata[];
  readonly outputMetadata: readonly Metadata[];
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void;
  run(feeds: Readonly<Record<string, BindingTensor>>, fetches: Readonly<Record<string, null>>, options: object): Readonly<Record<string, BindingTensor>>;
  dispose(): void;
}

interface Binding {
  initOrtOnce(logLevel: number, tensor: typeof BindingTensor, isMainThread: boolean): void;
  readonly InferenceSession: new () => BindingSession;
}

/** Only what ends the process is printed: all else comes as an error, which is ours to tell. */
const FATAL = 4;
let loaded: { dir: string; binding: Binding } | undefined;

function loadBinding(dir: string): Binding {
  if (loaded?.dir !== dir) {
    try {
      const binding = createRequire(__filename)(onnxBinding(dir)) as Binding;
      binding.initOrtOnce(FATAL, BindingTensor, isMainThread);
      loaded = { dir, binding };
    } catch (error) {
      throw new SigdegError('NO_ENGINE', `ONNX Runtime does not load (${oneLine(error)}): «sigdeg runtime install --onnx» fetches it anew`, { cause: error });
    }
  }
  return loaded.binding;
}

/**
 * Opens a model. It has as many threads as the engine has in this process; results do not depend on their number.
 * @param bytes a checked ONNX file
 * @param where names it in messages
 * @param dir another copy of ONNX Runtime than the installed one, to try it
 * @throws SigdegError NO_ENGINE when ONNX Runtime is not installed, BAD_FILE when it does not load the model
 */
export function openOnnx(bytes: Uint8Array, where: string, dir?: string): OnnxSession {
  if (dir === undefined && !isOnnxInstalled()) throw new SigdegError('NO_ENGINE', `${where}: ONNX Runtime, which runs ONNX files, is not installed: «sigdeg runtime install --onnx» fetches it`);
  const { InferenceSession } = loadBinding(dir ?? onnxDir());
  const session = new InferenceSession();
  const ofEngine: Readonly<Record<string, number>> = { tensorflow: Number(process.env['TF_NUM_INTRAOP_THREADS']) || os.availableParallelism(), webgpu: os.availableParallelism() };
  const threads = ofEngine[tf.getBackend()] ?? 1;
  try {
    session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, { executionProviders: ['cpu'], intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: FATAL });
  } catch (error) {
    throw new SigdegError('BAD_FILE', `${where}: ONNX Runtime ${ONNX_PACKAGE.version} does not load it: ${oneLine(error)}: export the model again, with an operator set that is not newer`, { cause: error });
  }
  return {
    inputs: session.inputMetadata.map(infoOf),
    outputs: session.outputMetadata.map(infoOf),
    run(feeds, output) {
      leaveEngine();
      let result: BindingTensor | undefined;
      try {
        result = session.run(Object.fromEntries(Object.entries(feeds).map(([name, array]) => [name, tensorOf(array)])), { [output]: null }, {})[output];
      } catch (error) {
        throw new SigdegError('BAD_FILE', `${where}: the model does not run on inputs ${Object.entries(feeds).map(([name, { shape }]) => `${printable(name)} [${shape.join(', ')}]`).join(', ')}: ${oneLine(error)}`, { cause: error });
      }
      if (!(result?.data instanceof Float32Array)) throw new SigdegError('BAD_FILE', `${where}: «${printable(output)}»: expected float32, found ${result?.type ?? 'nothing'}: export the model in float32`);
      return { shape: result.dims, data: result.data };
    },
    dispose: () => { session.dispose(); },
  };
}

function infoOf({ name, isTensor, type = 0, shape = [], symbolicDimensions = [] }: Metadata): OnnxValueInfo {
  return { name, type: (isTensor ? TYPES[type] : undefined) ?? 'other', shape: shape.map((extent, i) => (extent < 0 ? (symbolicDimensions[i] ?? '') : extent)) };
}

function tensorOf({ shape, data }: OnnxArray): BindingTensor {
  const type = data instanceof Float32Array ? 'float32' : data instanceof Float64Array ? 'float64' : data instanceof Int32Array ? 'int32' : 'int64';
  return new BindingTensor(type, data, shape);
}

/** The runtime's own words, which are long and name its source files. */
const oneLine = (error: unknown): string => printable(messageOf(error).replace(/\s+/g, ' ').replace(/\/\S*onnxruntime_src\S*:\d+ /, '').trim(), 300);
