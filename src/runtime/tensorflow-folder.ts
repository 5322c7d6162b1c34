/** Finds the TensorFlow that the native engine is built against: a folder that is given, one of a Python environment, or the downloaded wheel. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { messageOf, SigdegError } from '../core/errors';
import { dropQuietly, remove, rename } from '../system/files';
import { hasCuda, cudaRequirements } from './cuda-libraries';
import { cacheFolder } from './native-package';
import { runProgram } from './run-program';
import { stagingFolder } from './staging';

const VERSION = '2.21.0';

interface Wheel {
  /** What pip is asked for. */
  readonly requirement: string;
  /** Whether NVIDIA's libraries, which its extra «and-cuda» names, come with it. */
  readonly cuda: boolean;
  /** For people. */
  readonly size: string;
  /** The wheels and what they unpack to, for a moment both. */
  readonly bytes: number;
}

export const CPU_WHEEL: Wheel = { requirement: `tensorflow-cpu==${VERSION}`, cuda: false, size: '270 MB', bytes: 1.7e9 };
export const CUDA_WHEEL: Wheel = { requirement: `tensorflow==${VERSION}`, cuda: true, size: '3 GB with NVIDIA\'s libraries', bytes: 12e9 };
/** What the binding needs of a TensorFlow folder. */
const PARTS = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include'] as const;

export interface TensorflowChoice {
  readonly from?: string;
  /** The Python to look in and to download with. */
  readonly python?: string;
  /** Do not look in Python. */
  readonly download: boolean;
  /** Wants one that computes on an NVIDIA GPU. */
  readonly cuda: boolean;
  readonly onLog: (line: string) => void;
  /** Aborted: what runs is ended, what was begun is deleted. */
  readonly stop?: AbortSignal | undefined;
}

/** @returns the folder «tensorflow», complete. @throws SigdegError NATIVE_INSTALL */
export async function tensorflowFolder({ from, python, download, cuda, onLog, stop }: TensorflowChoice): Promise<string> {
  if (from !== undefined) {
    const folder = path.resolve(from);
    const missing = missingPart(folder);
    if (missing !== undefined) throw new SigdegError('NATIVE_INSTALL', `--from: expected ${missing} in ${folder}, found none: give the folder «tensorflow» of an installed TensorFlow, such as …/site-packages/tensorflow`);
    return folder;
  }
  const interpreter = python ?? defaultPython();
  if (!download) {
    const found = await inPython(interpreter, python !== undefined, stop);
    const missing = found === undefined ? undefined : missingPart(found);
    if (found !== undefined && missing === undefined && cuda && !hasCuda(found)) {
      onLog(`the TensorFlow in ${found} does not compute on the GPU that is here: getting one that does (--cpu takes this one)`);
    } else if (found !== undefined && missing === undefined) {
      onLog(`found TensorFlow in ${found}`);
      return found;
    }
    if (missing !== undefined || found === undefined) onLog(found === undefined ? `no TensorFlow in ${interpreter}` : `the TensorFlow in ${found} has no ${missing ?? ''}`);
  }
  return downloaded(interpreter, cuda ? CUDA_WHEEL : CPU_WHEEL, onLog, stop);
}

const missingPart = (folder: string): string | undefined => PARTS.find((name) => !fs.existsSync(path.join(folder, name)));

/** The active environment's Python, as its own `activate` would have it. */
function defaultPython(): string {
  const { VIRTUAL_ENV: venv, CONDA_PREFIX: conda } = process.env;
  const candidates = [venv, conda].flatMap((prefix) => (prefix === undefined || prefix === '' ? [] : [path.join(prefix, 'bin', 'python')]));
  return candidates.find((file) => fs.existsSync(file)) ?? 'python3';
}

/** Where a Python would import `tensorflow` from, without importing it. */
async function inPython(python: string, asked: boolean, stop: AbortSignal | undefined): Promise<string | undefined> {
  const script = "import importlib.util as u\ns = u.find_spec('tensorflow')\nprint((list(s.submodule_search_locations or []) + [''])[0] if s else '')";
  try {
    // From a folder of its own: Python also imports from where it is started.
    const stdout = await runProgram(python, ['-c', script], { cwd: os.tmpdir(), timeoutMs: 60_000, stop });
    return stdout.trim() === '' ? undefined : stdout.trim();
  } catch (error) {
    if (error instanceof SigdegError) throw error;
    if (asked) throw new SigdegError('NATIVE_INSTALL', `--python: '${python}' does not run as a Python: ${lastLine(error)}`, { cause: error });
    return undefined;
  }
}

/** The version of a TensorFlow folder: from the wheel's metadata beside it. Null where there is none. */
export function tensorflowVersion(folder: string): string | null {
  try {
    const names = fs.readdirSync(path.dirname(fs.realpathSync(folder)));
    return names.map((name) => /^(?:tensorflow|tensorflow_cpu|intel_tensorflow)-(\d[\w.+]*)\.dist-info$/.exec(name)?.[1]).find((version) => version !== undefined) ?? null;
  } catch {
    return null;
  }
}

/** TensorFlow's folder of the wheel, downloaded and unpacked once, beside and moved to its place when whole. */
async function downloaded(python: string, wheel: Wheel, onLog: (line: string) => void, stop: AbortSignal | undefined): Promise<string> {
  const { requirement, cuda, size, bytes } = wheel;
  const home = path.join(cacheFolder(), requirement.replace('==', '-'));
  if (fs.existsSync(path.join(home, 'complete'))) return path.join(home, 'tensorflow');
  const failed = (what: string, cause?: unknown): SigdegError => new SigdegError('NATIVE_INSTALL', `cannot get ${requirement}: ${what}; or give a TensorFlow that is there with --from DIR`, { cause });
  let partial: string | undefined;
  try {
    partial = stagingFolder(home);
    const { bavail, bsize } = fs.statfsSync(partial);
    if (bavail * bsize < bytes) throw failed(`it needs ${(bytes / 1e9).toFixed(1)} GB in ${cacheFolder()}, ${(bavail * bsize / 1e9).toFixed(1)} GB are free: free some, or set XDG_CACHE_HOME to another disk`);
    try {
      await runProgram(python, ['-m', 'pip', '--version'], { stop });
    } catch (error) {
      if (error instanceof SigdegError) throw error;
      throw failed(`${python} has no pip (${lastLine(error)}): install it (Debian, Ubuntu: apt install python3-pip)`, error);
    }
    onLog(`downloading ${requirement} with pip (${size}) into ${home}`);
    await unpacked(python, [requirement], partial, onLog, stop);
    const folder = path.join(partial, 'tensorflow');
    const missing = missingPart(folder);
    if (missing !== undefined) throw failed(`the wheel has no ${missing}`);
    if (cuda) {
      // Its Python dependencies are not needed, so pip follows none: the libraries are asked for by name.
      const libraries = cudaRequirements(partial);
      if (libraries.length === 0) throw failed('the wheel names no libraries of NVIDIA');
      onLog(`downloading ${libraries.length} libraries of NVIDIA`);
      await unpacked(python, libraries, partial, onLog, stop);
      if (!hasCuda(folder)) throw failed("NVIDIA's wheels have no libcudart.so");
    }
    fs.writeFileSync(path.join(partial, 'complete'), '');
    remove(home);
    rename(partial, home);
  } catch (error) {
    if (partial !== undefined) dropQuietly(partial);
    throw error instanceof SigdegError ? error : failed(lastLine(error), error);
  }
  return path.join(home, 'tensorflow');
}

/** Downloads wheels, and nothing that they depend on, and unpacks them over one another, as an installation would. */
async function unpacked(python: string, requirements: readonly string[], into: string, onLog: (line: string) => void, stop: AbortSignal | undefined): Promise<void> {
  await runProgram(python, ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '--dest', into, ...requirements], { stop });
  const wheels = fs.readdirSync(into).filter((name) => name.endsWith('.whl'));
  if (wheels.length === 0) throw new Error('pip left no wheel');
  onLog('unpacking');
  for (const wheel of wheels) {
    await runProgram(python, ['-m', 'zipfile', '-e', path.join(into, wheel), into], { stop });
    remove(path.join(into, wheel));
  }
}

/** The line of a failed command that most likely says why. */
function lastLine(error: unknown): string {
  const stderr = (error as { stderr?: string }).stderr?.trim() ?? '';
  const lines = (stderr === '' ? messageOf(error) : stderr).split('\n');
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '').trim();
}
