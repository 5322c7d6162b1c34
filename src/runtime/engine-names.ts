/** The engines by name, without loading any: the command line and the editor list and check them. */
export const ENGINE_NAMES = ['tensorflow', 'wasm', 'cpu'] as const;
/** tensorflow: native, all cores; wasm: embedded, one core a process; cpu: plain JavaScript, for checking the others. */
export type EngineName = (typeof ENGINE_NAMES)[number];
export type EngineChoice = EngineName | 'auto';

export const isEngineChoice = (name: string): name is EngineChoice => name === 'auto' || ENGINE_NAMES.some((known) => known === name);
