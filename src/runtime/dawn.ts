/**
 * Dawn, Chromium's WebGPU, in plain Node. Its results arrive as promises that Dawn settles from `setImmediate`: it looks that function up in the global scope
 * each time it wants another turn. While we call into it our own is there, which remembers the turn: so we can also take turns one after the other without
 * going back to Node's event loop, and wait for a result where the caller is not asynchronous.
 */
import { createRequire } from 'node:module';
import { messageOf, SigdegError } from '../core/errors';
import { dawnFile } from './webgpu-package';

/** What is used of WebGPU's types. */
export interface GpuBuffer {
  readonly size: number;
  readonly mapState: 'unmapped' | 'pending' | 'mapped';
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
}

export interface GpuDevice {
  readonly lost: Promise<{ message: string }>;
  onuncapturederror: ((event: { error: { message: string } }) => void) | null;
}

interface GpuAdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

export interface GpuAdapter {
  readonly info: GpuAdapterInfo;
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(descriptor: object): Promise<GpuDevice>;
}

interface Dawn {
  create(options: string[]): { requestAdapter(options: object): Promise<GpuAdapter | null> };
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Turns that go quickly; after them a wait sleeps between two. */
const QUICK_TURNS = 64;
const SLEEP_MS = 0.1;

const nextTurn = globalThis.setImmediate;
let turn: (() => void) | undefined;

/** Calls into Dawn; the turn that it asks for meanwhile becomes ours. */
export function inDawn<T>(call: () => T): T {
  const { setImmediate: before } = globalThis;
  globalThis.setImmediate = ((callback: () => void) => {
    turn = callback;
    nextTurn(takeTurn);
  }) as typeof setImmediate;
  try {
    return call();
  } finally {
    globalThis.setImmediate = before;
  }
}

function takeTurn(): void {
  const mine = turn;
  turn = undefined;
  if (mine !== undefined) inDawn(mine);
}

/** Maps a buffer for reading before it returns. @throws SigdegError NO_ENGINE when the device was lost. */
export function mapNow(buffer: GpuBuffer): ArrayBuffer {
  let refused: unknown;
  inDawn(() => buffer.mapAsync(MAP_READ)).catch((error: unknown) => { refused = error; });
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (let n = 0; buffer.mapState === 'pending'; n++) {
    if (turn === undefined) throw new SigdegError('INTERNAL', 'Dawn waits for a result without asking for a turn');
    if (n > QUICK_TURNS) Atomics.wait(sleeper, 0, 0, SLEEP_MS);
    takeTurn();
  }
  if (buffer.mapState !== 'mapped') throw new SigdegError('NO_ENGINE', `the GPU's memory cannot be read${refused === undefined ? '' : ` (${messageOf(refused)})`}: it was reset or its driver failed: run the same command again, or use --engine wasm`);
  return buffer.getMappedRange();
}

const MAP_READ = 1;

/** The one native interface that Dawn shall look at: looking at others writes warnings, and finds nothing better. */
const BACKENDS: Readonly<Record<string, { name: string; needs: string }>> = {
  win32: { name: 'd3d12', needs: 'D3D12' },
  darwin: { name: 'metal', needs: 'Metal' },
  linux: { name: 'vulkan', needs: "Vulkan (Debian, Ubuntu: apt install libvulkan1 and the GPU's driver)" },
};

let loaded: Dawn | undefined;

/** Loads Dawn from a folder, puts WebGPU's classes into the global scope, where tfjs wants them, and asks for the fastest adapter. */
export async function requestAdapter(dir: string): Promise<GpuAdapter> {
  const backend = BACKENDS[process.platform] ?? BACKENDS['linux']!;
  try {
    loaded ??= createRequire(__filename)(dawnFile(dir)) as Dawn;
    Object.assign(globalThis, loaded.globals);
    const gpu = loaded.create([`backend=${backend.name}`]);
    // tfjs asks whether there is one.
    const { navigator = {} } = globalThis as { navigator?: object };
    Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
    if (!('navigator' in globalThis)) Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
    const adapter = await inDawn(() => gpu.requestAdapter({ powerPreference: 'high-performance' }));
    if (adapter === null) throw new Error('no adapter was found');
    return adapter;
  } catch (error) {
    throw new SigdegError('NO_ENGINE', `WebGPU finds no GPU (${messageOf(error).split('\n')[0] ?? ''}): it needs one with a driver for ${backend.needs}`, { cause: error });
  }
}

/** How people know an adapter: its description where it has one. */
export const adapterName = ({ info: { description, vendor, architecture, device } }: GpuAdapter): string => (description === '' ? [vendor, architecture, device].filter((word) => word !== '').join(' ') : description).trim() || 'an adapter without a name';

/** Whether an adapter computes on the processor (SwiftShader, lavapipe, Windows' own): slower than the engines that do so without a detour. */
export const isSoftware = ({ info: { isFallbackAdapter, description, vendor, architecture, device } }: GpuAdapter): boolean =>
  isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|softpipe|\bwarp\b|basic render/i.test([description, vendor, architecture, device].join(' '));
