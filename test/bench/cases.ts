/** All cases of the suite, with what they must reach. */
import type { BenchCase, ProcessName, Side } from './case';

const side = (process: ProcessName, label: string, work: string, params: Side['params'] = {}): Side => ({ process, label, work, params });

const trainingStep = (net: 'mlp' | 'unet', batch: number, atLeast: number): BenchCase => {
  const params = { net, batch };
  return {
    name: `${net}-train-${batch}`, title: `${net === 'mlp' ? 'MLP' : 'U-Net'} training step, batch ${batch}`, unit: 'ms', limit: { atLeast },
    ours: side('native', 'sigdeg native', 'training', params),
    peer: side('python', 'PyTorch eager', 'training', params),
    beside: [side('python', 'torch.compile', 'training', { ...params, compile: true })],
  };
};

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
  {
    name: 'unet-forward-64', title: 'U-Net forward, batch 64', unit: 'ms', limit: { atLeast: 1.3 },
    ours: side('native', 'sigdeg native', 'forward', { net: 'unet', batch: 64 }),
    peer: side('python', 'PyTorch eager', 'forward', { net: 'unet', batch: 64 }),
    beside: [side('python', 'torch.compile', 'forward', { net: 'unet', batch: 64, compile: true })],
  },
  ...(['float32', 'float64'] as const).map((dtype): BenchCase => ({
    name: `normals-${dtype}`, title: `Standard normals, ${dtype}, each`, unit: 'ns', limit: { atLeast: 1 }, oneCore: true,
    ours: side('node', 'sigdeg Philox', 'normals', { dtype }),
    peer: side('python', 'numpy Philox', 'normals', { dtype }),
  })),
];
