import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collected, cli, ended, failure, matching, Scratch, until } from './harness';

const scratch = new Scratch();
const packageDir = path.dirname(createRequire(cli).resolve('@tensorflow/tfjs-node-gpu/package.json'));
/** Node with a copy of the program whose native engine we may break. */
const own = path.join(scratch.dir, 'program');
const ownPackage = path.join(own, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
const binding = path.join(ownPackage, 'lib', 'napi-v8', 'tfjs_binding.node');
const installed = fs.existsSync(path.join(packageDir, 'lib', 'napi-v8', 'tfjs_binding.node'));
const env = { ...process.env, XDG_CACHE_HOME: path.join(scratch.dir, 'cache'), VIRTUAL_ENV: '', CONDA_PREFIX: '' };
const sigdeg = (args: string[], more: NodeJS.ProcessEnv = {}) => ended(process.execPath, [path.join(own, 'dist', 'cli.js'), ...args], scratch.dir, { ...env, ...more });

interface Status {
  readonly engines: { engine: string; works: boolean; version: string | null; detail: string }[];
  readonly auto: string;
}

beforeAll(() => {
  fs.cpSync(path.dirname(cli), path.join(own, 'dist'), { recursive: true });
  const modules = path.join(own, 'node_modules');
  fs.mkdirSync(path.dirname(ownPackage), { recursive: true });
  const link = (folder: string, to: string, but: string): void => {
    for (const name of fs.readdirSync(folder)) if (name !== but) fs.symlinkSync(path.join(folder, name), path.join(to, name));
  };
  const real = path.dirname(path.dirname(packageDir));
  link(real, modules, '@tensorflow');
  link(path.join(real, '@tensorflow'), path.join(modules, '@tensorflow'), 'tfjs-node-gpu');
  fs.cpSync(packageDir, ownPackage, { recursive: true, verbatimSymlinks: true, filter: (file) => !file.includes('tfjs-node-gpu/build') });
});
afterAll(() => { scratch.remove(); });

/** Everything that an installation may touch, as text. */
function snapshot(): string {
  const files = fs.existsSync(path.join(ownPackage, 'lib')) ? fs.readdirSync(path.join(ownPackage, 'lib'), { recursive: true }) : [];
  const deps = fs.existsSync(path.join(ownPackage, 'deps', 'lib')) ? fs.readdirSync(path.join(ownPackage, 'deps', 'lib')).map((name) => fs.readlinkSync(path.join(ownPackage, 'deps', 'lib', name))) : [];
  const bytes = fs.existsSync(binding) ? fs.readFileSync(binding).toString('hex') : '';
  return JSON.stringify([files, deps, bytes, fs.readdirSync(path.dirname(ownPackage)).sort()]);
}

/** A folder that looks like TensorFlow and is none. */
function fakeTensorflow(name: string): string {
  const folder = path.join(scratch.dir, name, 'tensorflow');
  fs.mkdirSync(path.join(folder, 'include'), { recursive: true });
  for (const library of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) fs.writeFileSync(path.join(folder, library), 'no library');
  return folder;
}

test('status tells for each engine whether it works, which it is, and what to do where it does not', async () => {
  const { code, stdout, stderr } = await sigdeg(['--json', 'runtime', 'status']);
  expect([code, stderr]).toEqual([0, '']);
  const { engines, auto } = JSON.parse(stdout) as Status;
  expect(engines.map(({ engine }) => engine)).toEqual(['tensorflow', 'webgpu', 'wasm', 'cpu']);
  expect(engines.filter(({ engine }) => engine === 'wasm' || engine === 'cpu').map(({ works, version }) => [works, version])).toEqual([[true, '4.22.0'], [true, '4.22.0']]);
  expect(auto).toBe(installed ? 'tensorflow' : 'wasm');
  if (installed) expect(engines[0]!.detail).toMatch(/^TensorFlow \d+\.\d+.*, \d+ cores, within \S+ of wasm$/);
});

test('a native engine that crashes or is not there takes nobody with it: status says why, auto falls back and says so, asking for it fails', async () => {
  const before = fs.existsSync(binding) ? fs.readFileSync(binding) : undefined;
  fs.mkdirSync(path.dirname(binding), { recursive: true });
  try {
    // The package's own loading crashes, as a binding of another machine would.
    fs.writeFileSync(binding, 'no binding');
    const broken = JSON.parse((await sigdeg(['--json', 'runtime', 'status'])).stdout) as Status;
    expect([broken.auto, broken.engines[0]]).toMatchObject(['wasm', { works: false, detail: matching(/does not load.*sigdeg runtime install/) }]);
    fs.rmSync(binding);
    const gone = await sigdeg(['runtime', 'status']);
    expect(gone.stdout).toMatch(/tensorflow +no +no +- +the native engine is not installed: «sigdeg runtime install» builds it/);
    expect(gone.stdout).toMatch(/auto takes wasm/);
    expect(failure(await sigdeg(['--engine', 'tensorflow', 'distill', scratch.file]))).toMatchObject({ exit: 1, error: 'NO_ENGINE', message: matching(/«sigdeg runtime install» builds it/) });
    const fallback = await sigdeg(['distill', scratch.file]);
    expect(fallback.code).toBe(0);
    expect(fallback.stderr).toMatch(/engine wasm 4\.22\.0 \(no tensorflow: the native engine is not installed: «sigdeg runtime install» builds it\)/);
  } finally {
    if (before !== undefined) fs.writeFileSync(binding, before);
  }
});

test('a binding that ends its process is reported by status and by the job', async () => {
  const entry = path.join(ownPackage, 'dist', 'index.js');
  const before = fs.readFileSync(entry);
  try {
    fs.writeFileSync(entry, 'process.kill(process.pid, "SIGSEGV"); while (true);');
    const { engines } = JSON.parse((await sigdeg(['--json', 'runtime', 'status'])).stdout) as Status;
    expect(engines.map(({ works }) => works)).toEqual([false, false, true, true]);
    expect(engines[0]!.detail).toMatch(/ended by SIGSEGV \(a crash in native code; try --engine wasm\)/);
    expect(failure(await sigdeg(['distill', scratch.file, '--set', 'seed=1']))).toMatchObject({ exit: 1, error: 'RUN_LOST', message: matching(/SIGSEGV.*--engine wasm/) });
  } finally {
    fs.writeFileSync(entry, before);
  }
});

test('install says what is missing before it changes anything', async () => {
  const before = snapshot();
  const none = path.join(scratch.dir, 'none');
  fs.mkdirSync(none);
  const tools = failure(await sigdeg(['runtime', 'install', '--from', fakeTensorflow('a')], { PATH: none, npm_config_nodedir: none }));
  expect(tools).toMatchObject({ exit: 1, error: 'NATIVE_INSTALL' });
  for (const words of [/g\+\+: install a C\+\+ compiler/, /make: install/, /python3: install/, /The wasm engine works without/]) expect(tools.message).toMatch(words);
  expect(snapshot()).toBe(before);
});

test('an installation that is stopped ends what it started and leaves nothing; what a killed one left the next one deletes', async () => {
  // An npm that never ends, nor does what it starts.
  const [npm, numbers] = [path.join(scratch.dir, 'npm-cli.js'), path.join(scratch.dir, 'numbers')];
  fs.writeFileSync(npm, `
    const { pid } = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'inherit' });
    const fs = require('node:fs');
    fs.writeFileSync(${JSON.stringify(numbers)} + '.part', process.pid + ' ' + pid);
    fs.renameSync(${JSON.stringify(numbers)} + '.part', ${JSON.stringify(numbers)});
    setInterval(() => undefined, 1000);`);
  const cache = path.join(scratch.dir, 'cache', 'sigdeg');
  const begin = async () => {
    fs.rmSync(numbers, { force: true });
    const child = spawn(process.execPath, [path.join(own, 'dist', 'cli.js'), '--json', 'runtime', 'install', '--onnx'], { cwd: scratch.dir, env: { ...env, npm_execpath: npm }, stdio: ['ignore', 'pipe', 'pipe'] });
    const done = collected(child);
    const pids = (await until(() => (fs.existsSync(numbers) ? fs.readFileSync(numbers, 'utf8') : undefined), 'npm')).split(' ').map(Number);
    expect(fs.readdirSync(cache)).toHaveLength(1);
    return { child, done, pids };
  };
  const lives = (pid: number): boolean => fs.existsSync(`/proc/${pid}/stat`) && !fs.readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');

  const killed = await begin();
  killed.child.kill('SIGKILL');
  for (const pid of killed.pids) process.kill(pid, 'SIGKILL');
  await killed.done;
  expect(fs.readdirSync(cache)).toHaveLength(1);

  const { child, done, pids } = await begin();
  child.kill('SIGTERM');
  expect(failure(await done)).toMatchObject({ exit: 130, error: 'INTERRUPTED', message: matching(/nothing was changed/) });
  expect(fs.readdirSync(cache)).toEqual([]);
  expect(pids.filter(lives)).toEqual([]);
});

const realCache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'sigdeg');
const kept = fs.existsSync(path.join(realCache, 'bindings')) && fs.readdirSync(realCache).some((name) => fs.existsSync(path.join(realCache, name, 'complete')));

test.skipIf(!kept)('after npm ci, install puts the binding back that was built before, without compiling', async () => {
  const real = { XDG_CACHE_HOME: path.dirname(realCache) };
  for (const name of ['lib', 'deps']) fs.rmSync(path.join(ownPackage, name), { recursive: true, force: true });
  expect((await sigdeg(['runtime', 'status'], real)).stdout).toMatch(/«sigdeg runtime install» puts the one that was built before back/);
  const { code, stdout, stderr } = await sigdeg(['--json', 'runtime', 'install', '--download'], real);
  expect([code, stderr]).toEqual([0, 'put back the binding that was built before\n']);
  expect(JSON.parse(stdout)).toMatchObject({ built: false, tensorflow: matching(/tensorflow$/), detail: matching(/^TensorFlow \d.* in /) });
  expect((JSON.parse((await sigdeg(['--json', 'runtime', 'status'], real)).stdout) as Status).auto).toBe('tensorflow');
});

const canBuild = ['g++', 'make', 'python3'].every((tool) => (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => fs.existsSync(path.join(folder, tool))));

test.skipIf(!canBuild)('a folder that is no TensorFlow, a build that fails and a Python without one leave everything as it was', async () => {
  const before = snapshot();
  const refused = async (args: string[], more: NodeJS.ProcessEnv = {}) => {
    const result = failure(await sigdeg(['runtime', 'install', ...args], more));
    expect(result).toMatchObject({ exit: 1, error: 'NATIVE_INSTALL' });
    expect(snapshot()).toBe(before);
    expect(fs.existsSync(path.join(scratch.dir, 'cache', 'sigdeg')) ? fs.readdirSync(path.join(scratch.dir, 'cache', 'sigdeg')) : []).toEqual([]);
    return result.message;
  };
  expect(await refused(['--from', scratch.dir])).toMatch(/--from: expected libtensorflow_cc\.so\.2 in/);
  expect(await refused(['--from', fakeTensorflow('b')])).toMatch(/the binding does not build: .*(c_api\.h|No such file)/);
  // Found in Python without being imported, which would fail; it has no library, and this Python's pip does not work.
  const site = path.join(scratch.dir, 'site');
  for (const name of ['tensorflow', 'pip']) {
    fs.mkdirSync(path.join(site, name), { recursive: true });
    fs.writeFileSync(path.join(site, name, '__init__.py'), 'raise RuntimeError("imported")');
  }
  expect(await refused([], { PYTHONPATH: site, PIP_NO_INDEX: '1' })).toMatch(/cannot get tensorflow-cpu==\S+: python3 has no pip .*--from DIR/);
  expect(await refused(['--python', path.join(scratch.dir, 'no-python')])).toMatch(/--python: '.*no-python' does not run as a Python/);
  if (installed) expect((JSON.parse((await sigdeg(['--json', 'runtime', 'status'])).stdout) as Status).auto).toBe('tensorflow');
}, 240_000);
