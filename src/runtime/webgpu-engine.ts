/** tfjs' WebGPU backend on Dawn: made on an adapter of our choice, able to read without waiting for promises, and giving the same numbers each time. */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { createRequire } from 'node:module';
import { SigdegError } from '../core/errors';
import { adapterName, inDawn, isSoftware, mapNow, requestAdapter, type GpuAdapter, type GpuBuffer, type GpuDevice } from './dawn';
import * as tf from './tf';
import { registerWebgpuKernels } from './webgpu-kernels';
import { isWebgpuInstalled, webgpuDir } from './webgpu-package';

/** What is used of tfjs' class; its own types speak of a browser's. */
interface WebgpuBackend extends tf.KernelBackend {
  readonly tensorMap: { get(dataId: object): { dtype: DataType; values?: tf.backend_util.TypedArray | null; resource?: GpuBuffer } };
  readonly bufferManager: { acquireBuffer(size: number, usage: number): GpuBuffer; releaseBuffer(buffer: GpuBuffer): void };
  readonly commandEncoder: { copyBufferToBuffer(from: GpuBuffer, fromOffset: number, to: GpuBuffer, toOffset: number, size: number): void };
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

type BackendClass = new (device: GpuDevice, info: GpuAdapter['info']) => WebgpuBackend;

export interface WebgpuAdapter {
  readonly name: string;
  /** Computes on the processor: for tests. */
  readonly software: boolean;
}

/** Limits that tfjs wants as high as the adapter has them. */
const LIMITS = ['maxComputeWorkgroupStorageSize', 'maxComputeWorkgroupsPerDimension', 'maxStorageBufferBindingSize', 'maxBufferSize', 'maxComputeWorkgroupSizeX', 'maxComputeInvocationsPerWorkgroup'];
/** GPUBufferUsage.MAP_READ | COPY_DST. */
const READABLE = 1 | 8;

let running: WebgpuAdapter | undefined;

/**
 * Registers the backend «webgpu», once.
 * @param options.dir another copy of Dawn than the installed one, to try it. `gpuOnly`: a software adapter is refused.
 * @throws SigdegError NO_ENGINE when it is not installed or there is no adapter
 */
export async function prepareWebgpu({ dir, gpuOnly }: { dir?: string | undefined; gpuOnly: boolean }): Promise<WebgpuAdapter> {
  if (dir === undefined && !isWebgpuInstalled()) throw new SigdegError('NO_ENGINE', 'the WebGPU engine is not installed: «sigdeg runtime install --webgpu» fetches it');
  if (running === undefined) {
    // Before there is a `navigator.gpu`, else tfjs registers a backend of its own, on whatever adapter and without our way to read.
    const { WebGPUBackend } = createRequire(__filename)('@tensorflow/tfjs-backend-webgpu') as { WebGPUBackend: BackendClass };
    const adapter = await requestAdapter(dir ?? webgpuDir());
    const found = { name: adapterName(adapter), software: isSoftware(adapter) };
    if (gpuOnly && found.software) throw softwareError(found.name);
    const backend = await createBackend(WebGPUBackend, adapter);
    tf.registerBackend('webgpu', () => backend);
    registerWebgpuKernels();
    running = found;
  }
  if (gpuOnly && running.software) throw softwareError(running.name);
  return running;
}

const softwareError = (name: string): SigdegError => new SigdegError('NO_ENGINE', `its adapter, ${name}, is software, slower than the other engines`);

async function createBackend(WebGPUBackend: BackendClass, adapter: GpuAdapter): Promise<WebgpuBackend> {
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  const device = await inDawn(() => adapter.requestDevice({ requiredLimits }));
  let failure: string | undefined;
  // What WebGPU refuses it leaves undone, without a word to who asked: the numbers would be wrong.
  device.onuncapturederror = ({ error: { message } }) => { failure ??= message; };
  void device.lost.then(({ message }) => { failure ??= `the device was lost: ${message}`; });
  const backend = new WebGPUBackend(device, adapter.info);

  const numbersOf = (info: Pick<TensorInfo, 'dataId'>): tf.backend_util.TypedArray => {
    const data = backend.tensorMap.get(info.dataId);
    if (data.values !== undefined && data.values !== null) return data.values;
    const source = data.resource!;
    const staging = backend.bufferManager.acquireBuffer(source.size, READABLE);
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder.copyBufferToBuffer(source, 0, staging, 0, source.size);
    backend.submitQueue();
    const bytes = mapNow(staging).slice(0);
    staging.unmap();
    backend.bufferManager.releaseBuffer(staging);
    if (failure !== undefined) throw new SigdegError('NO_ENGINE', `WebGPU failed: ${failure.split('\n')[0] ?? ''}: try a smaller batch, or --engine wasm`);
    data.values = tf.util.convertBackendValuesAndArrayBuffer(bytes, data.dtype) as tf.backend_util.TypedArray;
    return data.values;
  };
  backend.readSync = (dataId) => numbersOf({ dataId });
  backend.read = (dataId) => Promise.resolve(numbersOf({ dataId }));
  return backend;
}
