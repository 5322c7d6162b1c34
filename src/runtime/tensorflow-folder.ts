/** Finds the TensorFlow that the native engine is built against: a folder that is given, one of a Python environment, or the downloaded wheel. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { messageOf, SigdegError } from '../core/errors';
import { cacheFolder } from './native-package';

const run = promisify(execFile);
export const WHEEL = 'tensorflow-cpu==2.21.0';
/** The wheel and what it unpacks to, for a moment both. */
const WHEEL_BYTES = 1.7e9;
/** What the binding needs of a TensorFlow folder. */
const PARTS = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include'] as const;

export interface TensorflowChoice {
  readonly from?: string;
  /** The Python to look in and to download with. */
  readonly python?: string;
  /** Do not look in Python. */
  readonly download: boolean;
  readonly onLog: (line: string) => void;
}

/** @returns the folder «tensorflow», complete. @throws SigdegError NATIVE_INSTALL */
export async function tensorflowFolder({ from, python, download, onLog }: TensorflowChoice): Promise<string> {
  if (from !== undefined) {
    const folder = path.resolve(from);
    const missing = missingPart(folder);
    if (missing !== undefined) throw new SigdegError('NATIVE_INSTALL', `--from: expected ${missing} in ${folder}, found none: give the folder «tensorflow» of an installed TensorFlow, such as …/site-packages/tensorflow`);
    return folder;
  }
  const interpreter = python ?? defaultPython();
  if (!download) {
    const found = await inPython(interpreter, python !== undefined);
    const missing = found === undefined ? undefined : missingPart(found);
    if (found !== undefined && missing === undefined) {
      onLog(`found TensorFlow in ${found}`);
      return found;
    }
    onLog(found === undefined ? `no TensorFlow in ${interpreter}` : `the TensorFlow in ${found} has no ${missing ?? ''}`);
  }
  return downloaded(interpreter, onLog);
}

const missingPart = (folder: string): string | undefined => PARTS.find((name) => !fs.existsSync(path.join(folder, name)));

/** The active environment's Python, as its own `activate` would have it. */
function defaultPython(): string {
  const { VIRTUAL_ENV: venv, CONDA_PREFIX: conda } = process.env;
  const candidates = [venv, conda].flatMap((prefix) => (prefix === undefined || prefix === '' ? [] : [path.join(prefix, 'bin', 'python')]));
  return candidates.find((file) => fs.existsSync(file)) ?? 'python3';
}

/** Where a Python would import `tensorflow` from, without importing it. */
async function inPython(python: string, asked: boolean): Promise<string | undefined> {
  const script = "import importlib.util as u\ns = u.find_spec('tensorflow')\nprint((list(s.submodule_search_locations or []) + [''])[0] if s else '')";
  try {
    // From a folder of its own: Python also imports from where it is started.
    const { stdout } = await run(python, ['-c', script], { cwd: os.tmpdir(), timeout: 60_000 });
    return stdout.trim() === '' ? undefined : stdout.trim();
  } catch (error) {
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
async function downloaded(python: string, onLog: (line: string) => void): Promise<string> {
  const home = path.join(cacheFolder(), WHEEL.replace('==', '-'));
  if (fs.existsSync(path.join(home, 'complete'))) return path.join(home, 'tensorflow');
  const failed = (what: string, cause?: unknown): SigdegError => new SigdegError('NATIVE_INSTALL', `cannot get ${WHEEL}: ${what}; or give a TensorFlow that is there with --from DIR`, { cause });
  let partial: string | undefined;
  try {
    fs.mkdirSync(cacheFolder(), { recursive: true });
    partial = fs.mkdtempSync(`${home}.partial-`);
    const { bavail, bsize } = fs.statfsSync(partial);
    if (bavail * bsize < WHEEL_BYTES) throw failed(`it needs ${(WHEEL_BYTES / 1e9).toFixed(1)} GB in ${cacheFolder()}, ${(bavail * bsize / 1e9).toFixed(1)} GB are free: free some, or set XDG_CACHE_HOME to another disk`);
    try {
      await run(python, ['-m', 'pip', '--version']);
    } catch (error) {
      throw failed(`${python} has no pip (${lastLine(error)}): install it (Debian, Ubuntu: apt install python3-pip)`, error);
    }
    onLog(`downloading ${WHEEL} with pip (270 MB) into ${home}`);
    await run(python, ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '--dest', partial, WHEEL], { maxBuffer: 1 << 26 });
    const wheel = fs.readdirSync(partial).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw failed('pip left no wheel');
    onLog('unpacking');
    await run(python, ['-m', 'zipfile', '-e', path.join(partial, wheel), partial], { maxBuffer: 1 << 26 });
    fs.rmSync(path.join(partial, wheel));
    const missing = missingPart(path.join(partial, 'tensorflow'));
    if (missing !== undefined) throw failed(`the wheel has no ${missing}`);
    fs.writeFileSync(path.join(partial, 'complete'), '');
    fs.rmSync(home, { recursive: true, force: true });
    fs.renameSync(partial, home);
  } catch (error) {
    if (partial !== undefined) fs.rmSync(partial, { recursive: true, force: true });
    throw error instanceof SigdegError ? error : failed(lastLine(error), error);
  }
  return path.join(home, 'tensorflow');
}

/** The line of a failed command that most likely says why. */
function lastLine(error: unknown): string {
  const stderr = (error as { stderr?: string }).stderr?.trim() ?? '';
  const lines = (stderr === '' ? messageOf(error) : stderr).split('\n');
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '').trim();
}
