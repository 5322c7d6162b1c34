/** The engines by name, without loading any: the command line and the editor list and check them. */
export const ENGINE_NAMES = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
/** tensorflow: native, all cores, CUDA; webgpu: any GPU, through Dawn; wasm: embedded, one core a process; cpu: plain JavaScript, for checking the others. */
export type EngineName = (typeof ENGINE_NAMES)[number];
export type EngineChoice = EngineName | 'auto';

export const isEngineChoice = (name: string): name is EngineChoice => name === 'auto' || ENGINE_NAMES.some((known) => known === name);

export interface AutoStep {
  readonly engine: EngineName;
  /** Only where it computes on a GPU; a software adapter is none. */
  readonly gpu?: true;
}

/** What `auto` takes: the first of these that works. */
export const AUTO_ORDER: readonly AutoStep[] = [{ engine: 'tensorflow', gpu: true }, { engine: 'webgpu', gpu: true }, { engine: 'tensorflow' }, { engine: 'wasm' }, { engine: 'cpu' }];

/** Engines that use a whole device by themselves: a job on them is one process. */
export const isOneProcess = (name: EngineName): boolean => name === 'tensorflow' || name === 'webgpu';
