/** All cases of the suite, with what they must reach. */
import { isWebgpuInstalled } from '../../src/runtime/webgpu-package';
import type { BenchCase, ProcessName, Side } from './case';

const side = (process: ProcessName, label: string, work: string, params: Side['params'] = {}): Side => ({ process, label, work, params });

/** A piece of a network's work on the native engine against PyTorch, with what else could do it here beside. */
const network = (name: string, title: string, work: 'training' | 'forward', params: Side['params'], atLeast?: number): BenchCase => ({
  name, title, unit: 'ms', ...(atLeast === undefined ? {} : { limit: { atLeast } }),
  ours: side('native', 'sigdeg native', work, params),
  peer: side('python', 'PyTorch eager', work, params),
  beside: [side('python', 'torch.compile', work, { ...params, compile: true }), ...(isWebgpuInstalled() ? [side('webgpu', 'sigdeg WebGPU', work, params)] : [])],
});

const trainingStep = (net: 'mlp' | 'unet', batch: number, atLeast?: number): BenchCase =>
  network(`${net}-train-${batch}`, `${net === 'mlp' ? 'MLP' : 'U-Net'} training step, batch ${batch}`, 'training', { net, batch }, atLeast);

const forwardPass = (batch: number, atLeast?: number): BenchCase => network(`unet-forward-${batch}`, `U-Net forward, batch ${batch}`, 'forward', { net: 'unet', batch }, atLeast);

const simulation = (net: 'mlp' | 'unet', title: string, params: Side['params']): BenchCase => ({
  name: `simulate-${net}`, title, unit: 's', limit: { atLeast: 1.2 },
  ours: side('native', 'sigdeg native', 'sampling', { net, sampler: 'ddpm', ...params }),
  peer: side('python', 'diffusers', 'sampling', { net, ...params }),
});

const speedUp = (net: 'mlp' | 'unet', title: string, items: number, teacher: Side['params']): BenchCase => ({
  name: `student-${net}`, title, unit: 's', limit: { atLeast: 95 },
  ours: side('native', 'student, 10 steps', 'sampling', { net, sampler: 'sig-deg', steps: 10, items, drawing: true }),
  peer: side('native', 'teacher, 1000 steps', 'sampling', { net, sampler: 'ddpm', items, drawing: true, ...teacher }),
});

/** So many of 1000 steps, which all cost the same: the time of all is scaled up from theirs. */
const part = (steps: number) => ({ steps, fineSteps: steps, share: steps / 1000 });

const POOL = { net: 'mlp', sampler: 'ddpm', steps: 100, fineSteps: 100, items: 8192 } as const;
const RUNS = { count: 5000 } as const;

export const CASES: readonly BenchCase[] = [
  trainingStep('mlp', 4096, 1.15),
  trainingStep('mlp', 512, 1.15),
  trainingStep('mlp', 64, 1.15),
  {
    name: 'mlp-wasm-512', title: 'MLP training step, batch 512, one core', unit: 'ms', limit: { atLeast: 0.5 }, oneCore: true,
    ours: side('wasm', 'sigdeg wasm', 'training', { net: 'mlp', batch: 512 }),
    peer: side('python-1', 'PyTorch, 1 thread', 'training', { net: 'mlp', batch: 512 }),
  },
  trainingStep('unet', 64, 1),
  { ...trainingStep('unet', 256), needs: 'gpu' },
  forwardPass(64, 1.3),
  { ...forwardPass(512), needs: 'gpu' },
  ...(['float32', 'float64'] as const).map((dtype): BenchCase => ({
    name: `normals-${dtype}`, title: `Standard normals, ${dtype}, each`, unit: 'ns', limit: { atLeast: 1 }, oneCore: true,
    ours: side('node', 'sigdeg Philox', 'normals', { dtype }),
    peer: side('python', 'numpy Philox', 'normals', { dtype }),
  })),
  ...[{ kind: 'points', itemShape: [2], items: 2048 }, { kind: 'images', itemShape: [28, 28, 1], items: 16 }].map(({ kind, ...params }): BenchCase => ({
    name: `signature-${kind}`, title: `Signatures from fine noise, ${kind}, a fine normal`, unit: 'ns', oneCore: true,
    ours: side('node', 'sigdeg', 'signature', params),
    peer: side('python', 'numpy', 'signature', params),
  })),
  simulation('mlp', '1000-step simulation, MLP, batch 4096 (200 steps timed, scaled)', { ...part(200), items: 4096 }),
  simulation('unet', '1000-step simulation, MNIST U-Net, batch 256 (25 steps timed, scaled)', { ...part(25), items: 256 }),
  speedUp('mlp', '2048 points: sampling, same engine (200 teacher steps timed, scaled)', 2048, part(200)),
  speedUp('unet', '64 images: sampling, same engine (25 teacher steps timed, scaled)', 64, part(25)),
  {
    name: 'processes-wasm', title: 'Simulation on wasm, 8192 points, 100 steps', unit: 's', limit: { atLeast: 1.8 },
    ours: side('node', '2 processes', 'pool', { ...POOL, processes: 2 }),
    peer: side('node', '1 process', 'pool', { ...POOL, processes: 1 }),
  },
  ...[64, 256, 512].map((dimension): BenchCase => ({
    name: `frechet-${dimension}`, title: `Fréchet distance, 10 000 × ${dimension} features`, unit: 'ms', limit: { atLeast: 1 },
    ours: side('node', 'sigdeg', 'frechet', { dimension }),
    peer: side('python', 'torch-fidelity', 'frechet', { dimension }),
  })),
  ...[64, 512].map((dimension): BenchCase => ({
    name: `kid-${dimension}`, title: `KID, 10 000 × ${dimension} features, 10 subsets of 1000`, unit: 'ms',
    ours: side('node', 'sigdeg', 'kid', { dimension }),
    peer: side('python', 'torch-fidelity', 'kid', { dimension }),
  })),
  {
    name: 'safetensors-load', title: 'safetensors, 64 MiB from disk', unit: 'ms', oneCore: true,
    ours: side('node', 'sigdeg', 'safetensors'),
    peer: side('python', 'safetensors', 'safetensors'),
  },
  { name: 'events-append', title: 'Event log: one event appended', unit: 'µs', ours: side('node', 'sigdeg', 'event-append') },
  { name: 'events-tail', title: 'Event log: one event read', unit: 'µs', ours: side('node', 'sigdeg', 'event-tail') },
  {
    name: 'events-training', title: 'Event log: training slowed by, MLP, batch 64', unit: '%', limit: { atMost: 1 },
    ours: side('native', 'sigdeg native', 'event-share', { net: 'mlp', batch: 64 }),
  },
  { name: 'runs-index', title: '5 000 runs known to a fresh index', unit: 's', limit: { atMost: 1 }, ours: side('node', 'sigdeg', 'runs-index', RUNS) },
  { name: 'runs-list', title: '5 000 runs listed at one go', unit: 's', limit: { atMost: 1 }, ours: side('node', 'sigdeg', 'runs-list', RUNS) },
  { name: 'runs-command', title: '5 000 runs: sigdeg runs, whole command', unit: 's', limit: { atMost: 1 }, ours: side('node', 'sigdeg', 'runs-command', RUNS) },
  { name: 'demo-wasm', title: 'npm run demo, wasm', unit: 's', limit: { atMost: 45 }, repetitions: 1, cold: true, ours: side('node', 'sigdeg wasm', 'demo') },
  ...[['paint', 'chart', 'until the first chart'], ['pan', 'panWork', 'work of a frame while panning']].map(([name, figure, words]): BenchCase => ({
    name: `panel-${name!}`, title: `Panel, 1 000 runs: ${words!}`, unit: 'ms', repetitions: 3, cold: true, needs: 'chromium', ours: side('node', 'Chromium', 'panel', { figure: figure! }),
  })),
];
