/** NVIDIA's libraries beside a TensorFlow: which it wants, whether they are there, and where the loader must look. */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** @param site a folder of unpacked wheels. @returns what the extra «and-cuda» of its TensorFlow names, for pip */
export function cudaRequirements(site: string): string[] {
  const info = fs.readdirSync(site).find((name) => /^tensorflow-\d[\w.+]*\.dist-info$/.test(name));
  if (info === undefined) return [];
  const lines = fs.readFileSync(path.join(site, info, 'METADATA'), 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, requirement, condition] = /^Requires-Dist: ([^;]+);(.*)$/.exec(line.trim()) ?? [];
    return requirement !== undefined && /extra\s*==\s*['"]and-cuda['"]/.test(condition ?? '') ? [requirement.trim()] : [];
  });
}

/** The folders of NVIDIA's wheels beside a folder «tensorflow»: site-packages/nvidia/NAME/lib. */
export function cudaLibraryFolders(tensorflow: string): string[] {
  const home = path.join(path.dirname(tensorflow), 'nvidia');
  try {
    return fs.readdirSync(home).sort().map((name) => path.join(home, name, 'lib')).filter((folder) => fs.existsSync(folder));
  } catch {
    return [];
  }
}

/**
 * Whether a TensorFlow is built for CUDA, as its own build notes say, and has CUDA's runtime beside it, or of its version in the system.
 * @param system where the system's CUDA is
 */
export function hasCuda(tensorflow: string, system = process.env['CUDA_HOME'] ?? '/usr/local/cuda'): boolean {
  const notes = buildNotes(tensorflow);
  if (!/'is_cuda_build',\s*True/.test(notes)) return false;
  if (cudaLibraryFolders(tensorflow).some((folder) => fs.readdirSync(folder).some((name) => name.startsWith('libcudart.so')))) return true;
  const version = /'cuda_version',\s*'(\d+)/.exec(notes)?.[1];
  return version !== undefined && fs.existsSync(path.join(system, 'lib64', `libcudart.so.${version}`));
}

/** Empty where the folder has none. */
function buildNotes(tensorflow: string): string {
  try {
    return fs.readFileSync(path.join(tensorflow, 'python', 'platform', 'build_info.py'), 'utf8');
  } catch {
    return '';
  }
}

/** The loader's search path with these folders first: TensorFlow opens CUDA's libraries by their bare names, and a wheel's own hints assume Python's layout. */
export function withLibraryPath(env: NodeJS.ProcessEnv, folders: readonly string[]): NodeJS.ProcessEnv {
  if (folders.length === 0) return env;
  const { LD_LIBRARY_PATH: before = '' } = env;
  return { ...env, LD_LIBRARY_PATH: [...folders, ...(before === '' ? [] : [before])].join(':') };
}
