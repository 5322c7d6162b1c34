/** What is decided about GPUs and cores before any engine runs; on fakes of files and of adapters only. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { askWorker } from '../../src/launch/ask-worker';
import { childEnvironment } from '../../src/launch/child-environment';
import { mostNative } from '../../src/launch/executor';
import { onFewerCores } from '../../src/launch/spare-cores';
import { cudaLibraryFolders, cudaRequirements, hasCuda, withLibraryPath } from '../../src/runtime/cuda-libraries';
import { adapterName, isSoftware, type GpuAdapter } from '../../src/runtime/dawn';
import { cacheFolder } from '../../src/runtime/native-package';
import { npmCommand } from '../../src/runtime/npm-command';
import { hasNvidiaGpu, nvidiaGpus } from '../../src/runtime/nvidia';
import { tensorflowFolder } from '../../src/runtime/tensorflow-folder';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-gpu-'));
afterAll(() => { fs.rmSync(root, { recursive: true, force: true }); });

function file(name: string, content = '', mode = 0o644): string {
  const full = path.join(root, name);
  fs.mkdirSync(path.dirname(full), { recursive: true });
  fs.writeFileSync(full, content, { mode });
  return full;
}

/** Site-packages with a TensorFlow that looks whole. */
function site(name: string, cudaBuild: boolean): string {
  for (const part of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include/x.h']) file(`${name}/tensorflow/${part}`);
  file(`${name}/tensorflow/python/platform/build_info.py`, `build_info = collections.OrderedDict([('is_cuda_build', ${cudaBuild ? 'True' : 'False'}), ('cuda_version', '12.5.1')])`);
  return path.join(root, name);
}

const adapter = (description: string, more: Partial<GpuAdapter['info']> = {}): GpuAdapter =>
  ({ info: { vendor: '', architecture: '', device: '', description, isFallbackAdapter: false, ...more } }) as GpuAdapter;

test('adapters that compute on the processor are known as such, whatever they call themselves', () => {
  for (const software of [adapter('SwiftShader driver 5.0.0'), adapter('', { architecture: 'swiftshader' }), adapter('llvmpipe (LLVM 15.0.6, 256 bits)'), adapter('Microsoft Basic Render Driver'), adapter('x', { isFallbackAdapter: true })]) {
    expect([adapterName(software), isSoftware(software)]).toEqual([adapterName(software), true]);
  }
  for (const gpu of [adapter('NVIDIA: 550.54.14'), adapter('', { vendor: 'apple', architecture: 'metal-3' }), adapter('Intel(R) Iris(R) Xe Graphics')]) expect([adapterName(gpu), isSoftware(gpu)]).toEqual([adapterName(gpu), false]);
  expect(adapterName(adapter('', { vendor: 'apple', architecture: 'metal-3' }))).toBe('apple metal-3');
});

test.skipIf(process.platform !== 'linux')('an NVIDIA GPU shows by what its driver leaves, and names itself through nvidia-smi', async () => {
  expect(hasNvidiaGpu(root)).toBe(false);
  file('dev/nvidia0');
  expect(hasNvidiaGpu(root)).toBe(true);
  const smi = file('bin/nvidia-smi', '#!/bin/sh\necho "NVIDIA H100, 81559 MiB, 550.54"\necho "NVIDIA T4, 15360 MiB, 550.54"\n', 0o755);
  expect(await nvidiaGpus([path.join(root, 'none'), smi])).toEqual(['NVIDIA H100 (81559 MiB, driver 550.54)', 'NVIDIA T4 (15360 MiB, driver 550.54)']);
  expect(await nvidiaGpus([path.join(root, 'none')])).toEqual([]);
});

test('of a wheel that names NVIDIA\'s libraries in its extra «and-cuda», these and no others are asked for', () => {
  file('wheel/tensorflow-2.21.0.dist-info/METADATA', ['Name: tensorflow', 'Requires-Dist: numpy>=1.26', 'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"', "Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3; extra == 'and-cuda'", 'Requires-Dist: tensorflow-rocm; extra == "rocm"', ''].join('\n'));
  expect(cudaRequirements(path.join(root, 'wheel'))).toEqual(['nvidia-cublas-cu12<13.0,>=12.5.3.2', 'nvidia-cudnn-cu12<10.0,>=9.3']);
});

test('a TensorFlow computes on a GPU where it is built for CUDA and CUDA\'s runtime lies beside it', () => {
  const [gpu, cpu] = [site('gpu', true), site('cpu', false)];
  for (const home of [gpu, cpu]) expect(hasCuda(path.join(home, 'tensorflow'), path.join(root, 'none'))).toBe(false);
  // The system's own serves if it is of the version that was built for.
  file('system/lib64/libcudart.so.13');
  expect(hasCuda(path.join(gpu, 'tensorflow'), path.join(root, 'system'))).toBe(false);
  file('system/lib64/libcudart.so.12');
  expect([gpu, cpu].map((home) => hasCuda(path.join(home, 'tensorflow'), path.join(root, 'system')))).toEqual([true, false]);
  for (const home of ['gpu', 'cpu']) {
    file(`${home}/nvidia/cuda_runtime/lib/libcudart.so.12`);
    file(`${home}/nvidia/cublas/lib/libcublas.so.12`);
    file(`${home}/nvidia/cublas/include/cublas.h`);
  }
  expect([gpu, cpu].map((home) => hasCuda(path.join(home, 'tensorflow'), path.join(root, 'none')))).toEqual([true, false]);
  const folders = cudaLibraryFolders(path.join(gpu, 'tensorflow'));
  expect(folders).toEqual(['cublas', 'cuda_runtime'].map((name) => path.join(gpu, 'nvidia', name, 'lib')));
  expect(withLibraryPath({ LD_LIBRARY_PATH: '/own' }, folders)['LD_LIBRARY_PATH']).toBe([...folders, '/own'].join(':'));
  expect(withLibraryPath({}, [])).toEqual({});
});

test.skipIf(process.platform === 'win32')('where a GPU is, a TensorFlow without CUDA in Python is passed over and one with it is taken', async () => {
  const lines: string[] = [];
  const find = (name: string, cuda: boolean): Promise<string> => {
    // A Python that knows where its TensorFlow is, and has no pip.
    const python = file(`${name}-python`, `#!/bin/sh\ncase "$1" in -c) echo "${path.join(site(name, name === 'gpu'), 'tensorflow')}";; *) exit 1;; esac\n`, 0o755);
    return tensorflowFolder({ python, download: false, cuda, onLog: (line) => { lines.push(line); } });
  };
  expect([await find('gpu', true), await find('cpu', false)]).toEqual(['gpu', 'cpu'].map((name) => path.join(root, name, 'tensorflow')));
  const cache = process.env['XDG_CACHE_HOME'];
  process.env['XDG_CACHE_HOME'] = path.join(root, 'cache');
  try {
    await expect(find('cpu', true)).rejects.toThrow(/cannot get tensorflow==\S+: .*(no pip|GB are free)/);
    expect(fs.readdirSync(path.join(root, 'cache', 'sigdeg'))).toEqual([]);
  } finally {
    if (cache === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = cache;
  }
  expect(lines.some((line) => /does not compute on the GPU that is here.*--cpu/.test(line))).toBe(true);
});

test('a cache folder that is set to nothing or to a relative path does not count, whatever folder this is started in', () => {
  const usual = path.join(os.homedir(), '.cache', 'sigdeg');
  const folders = ['', 'cache', root].map((set) => {
    vi.stubEnv('XDG_CACHE_HOME', set);
    return cacheFolder();
  });
  vi.unstubAllEnvs();
  expect(folders).toEqual([usual, usual, path.join(root, 'sigdeg')]);
});

test("processes of the native engine have half of a container's memory, a gigabyte each, and of the machine's where there is no limit", () => {
  const container = vi.spyOn(process, 'constrainedMemory');
  const most = [2 * 2 ** 30, 2 ** 20, 0, 2 ** 64].map((bytes) => {
    container.mockReturnValue(bytes);
    return mostNative();
  });
  container.mockRestore();
  const ofMachine = Math.max(1, Math.floor(os.totalmem() / 2 / 2 ** 30));
  expect(most).toEqual([1, 1, ofMachine, ofMachine]);
});

test('an engine that does not answer in time is told as that', async () => {
  await expect(askWorker(['--probe', '--engine', 'cpu'], 'a process that tried the engine cpu', undefined, 1)).rejects.toThrow(/^a process that tried the engine cpu took longer than 0\.001 s/);
});

test('npm is that which called us, else that beside Node, else that of the search path', () => {
  const node = file('node/bin/node');
  const beside = file('node/lib/node_modules/npm/bin/npm-cli.js');
  const caller = file('own/npm-cli.js');
  expect(npmCommand({ npm_execpath: caller, PATH: '' }, node)).toEqual([node, fs.realpathSync(caller)]);
  expect(npmCommand({ npm_execpath: '/somewhere/yarn.js', PATH: '' }, node)).toEqual([node, fs.realpathSync(beside)]);
  const lonely = file('lonely/node');
  expect(npmCommand({ PATH: path.join(root, 'none') }, lonely)).toBeUndefined();
  expect(npmCommand({ PATH: path.join(root, 'node', 'bin') }, lonely)).toEqual([lonely, fs.realpathSync(beside)]);
});

test('cores that are spared are taken from the job, never all of them, and its number of threads stays, on which the native engine\'s rounding depends', () => {
  const searchPath = path.dirname(file('tools/taskset'));
  const allowed = [0, 1, 4, 5];
  const command = ['node', 'worker.js'];
  expect(onFewerCores(command, 1, { searchPath, allowed })).toEqual([path.join(searchPath, 'taskset'), '-c', '0,1,4', ...command]);
  expect(onFewerCores(command, 9, { searchPath, allowed })).toEqual([path.join(searchPath, 'taskset'), '-c', '0', ...command]);
  for (const untouched of [onFewerCores(command, 0, { searchPath, allowed }), onFewerCores(command, 1, { searchPath, allowed: [] }), onFewerCores(command, 1, { searchPath: path.join(root, 'none'), allowed })]) expect(untouched).toEqual(command);
  expect(childEnvironment(undefined, {})).toMatchObject({ TF_NUM_INTRAOP_THREADS: String(os.availableParallelism()), ELECTRON_RUN_AS_NODE: '1' });
  expect(childEnvironment(undefined, { TF_NUM_INTRAOP_THREADS: '1' })).toMatchObject({ TF_NUM_INTRAOP_THREADS: '1' });
});
