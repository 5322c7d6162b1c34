/** The engines by name, without loading any: the command line and the editor list and check them. */
export const ENGINE_NAMES = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
/** tensorflow: native, several threads, CUDA; webgpu: any GPU, through Dawn; wasm: embedded, one core a process; cpu: plain JavaScript, for checking the others. */
export type EngineName = (typeof ENGINE_NAMES)[number];
export type EngineChoice = EngineName | 'auto';

export const isEngineChoice = (name: string): name is EngineChoice => name === 'auto' || ENGINE_NAMES.some((known) => known === name);

export interface AutoStep {
  readonly engine: EngineName;
  /** Only where it computes on a GPU; a software adapter is none. */
  readonly gpu?: true;
}

/**
 * What `auto` takes: the first of these that works. WebGPU stands behind the processor: on an H100 it took 146 ms for a U-Net's training step (batch 64) and 44 for an
 * MLP's (4096), each of hundreds of small programs, where two cores take 97 and 8; it is ahead in simulations alone (U-Net, 512 images: 35 ms against 143).
 */
export const AUTO_ORDER: readonly AutoStep[] = [{ engine: 'tensorflow', gpu: true }, { engine: 'tensorflow' }, { engine: 'webgpu', gpu: true }, { engine: 'wasm' }, { engine: 'cpu' }];
