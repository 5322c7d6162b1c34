/** The WebGPU engine on SwiftShader, Chromium's software adapter: what it computes against the plain engine, and how it is installed. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeNpy, encodeNpy } from '../../src/formats/npy';
import { decodeSafetensors } from '../../src/formats/safetensors';
import { cli, collected, ended, failure, matching, Scratch, until, type Ended } from './harness';

const ICD = '/usr/lib/chromium/vk_swiftshader_icd.json';
/** Debian's package has the loader, too. */
const LOADER = '/usr/lib/chromium/libvulkan.so.1';
const lacks = [ICD, LOADER].find((file) => !fs.existsSync(file));
if (lacks !== undefined) process.stderr.write(`skipped: WebGPU needs SwiftShader here, and there is no ${lacks} (Debian: apt install chromium)\n`);
const onSwiftShader = test.skipIf(lacks !== undefined);

// One checkpoint: at each the held-out loss is measured and samples are drawn, which is most of the time here.
const training = { steps: 6, batch: 16, learningRate: 0.002, warmup: 2, checkpointEvery: 6, logEvery: 1 };
const experiment = {
  dataset: { name: 'moons', count: 64 },
  schedule: { fineSteps: 8 },
  // A batch that makes the gradients of weights long products.
  teacher: { net: { kind: 'mlp', width: 8, blocks: 1 }, training: { ...training, batch: 2560 } },
  paths: { count: 16 },
  students: [{ steps: 2, depth: 2, previews: false, training }],
  evaluation: { count: 64, seeds: 3, steps: [2], samplers: ['ddpm', 'sig-deg'], grids: ['quad'] },
};
const pictures = {
  ...experiment,
  dataset: { name: 'npy', path: 'pictures.npy' },
  schedule: { fineSteps: 3 },
  teacher: { net: { kind: 'unet', channels: [8, 8], attention: true, patch: 2 }, training: { ...training, steps: 3 } },
  students: [{ steps: 2, depth: 2, previews: false, training: { ...training, steps: 3 } }],
  evaluation: { ...experiment.evaluation, count: 16 },
};

const scratch = new Scratch(experiment);
const unetFile = path.join(scratch.dir, 'unet.sigdeg.json');
const cache = path.join(scratch.dir, 'cache');
const env = { ...process.env, XDG_CACHE_HOME: cache, VK_ICD_FILENAMES: ICD, LD_LIBRARY_PATH: path.dirname(LOADER) };
const sigdeg = (args: string[], more: NodeJS.ProcessEnv = {}): Promise<Ended> => ended(process.execPath, [cli, ...args], scratch.dir, { ...env, ...more }, 240_000);
const cached = (): string[] => (fs.existsSync(path.join(cache, 'sigdeg')) ? fs.readdirSync(path.join(cache, 'sigdeg')) : []);

/** Distils until a run of the kind `next` begins: on a software adapter what comes then would take long, and is not looked at. @returns the folder of the runs */
async function distil(engine: string, runs: string, file: string, next: string): Promise<string> {
  const runsDir = path.join(scratch.dir, runs, 'runs');
  const child = spawn(process.execPath, [cli, '--engine', engine, '--runs-dir', runsDir, 'distill', file], { cwd: scratch.dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const done = collected(child);
  await until(() => (fs.existsSync(runsDir) ? fs.readdirSync(runsDir).find((name) => name.includes(`-${next}-`)) : undefined), `the run of the kind ${next}`, 300_000);
  child.kill('SIGINT');
  await done;
  return runsDir;
}

/** The final weights of the run of a kind, all in one. */
function weightsOf(runsDir: string, kind: string): Float32Array {
  const checkpoints = path.join(runsDir, fs.readdirSync(runsDir).find((name) => name.includes(`-${kind}-`))!, 'checkpoints');
  const newest = fs.readdirSync(checkpoints).sort().at(-1)!;
  const { tensors } = decodeSafetensors(fs.readFileSync(path.join(checkpoints, newest, 'model.safetensors')), newest);
  return Float32Array.from([...tensors.values()].flatMap(({ data }) => Array.from(data as Float32Array)));
}

const difference = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), a.length === b.length ? 0 : Infinity);

let installed: Ended | undefined;

beforeAll(async () => {
  fs.writeFileSync(unetFile, JSON.stringify(pictures));
  fs.writeFileSync(path.join(scratch.dir, 'pictures.npy'), encodeNpy({ shape: [16, 8, 8], data: Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i / 5)) }));
  if (lacks !== undefined) return;
  const offline = await sigdeg(['runtime', 'install', '--webgpu'], { npm_config_registry: 'http://127.0.0.1:9', npm_config_fetch_retries: '0', npm_config_cache: path.join(scratch.dir, 'npm') });
  expect(failure(offline)).toMatchObject({ exit: 1, error: 'WEBGPU_INSTALL', message: matching(/npm cannot get webgpu .*nothing was changed/) });
  expect(cached()).toEqual([]);
  installed = await sigdeg(['--json', 'runtime', 'install', '--webgpu']);
}, 240_000);
afterAll(() => { scratch.remove(); });

onSwiftShader('install keeps the part of this platform and tries it first; a software adapter is shown as such and never taken by auto', async () => {
  expect(installed).toMatchObject({ code: 0 });
  expect(JSON.parse(installed!.stdout)).toMatchObject({ gpu: false, detail: matching(/^SwiftShader.*software.*within \S+ of wasm$/) });
  expect(cached()).toEqual([matching(/^webgpu-\d/)]);
  expect(fs.readdirSync(path.join(cache, 'sigdeg', cached()[0]!)).sort()).toEqual(['LICENSE.md', 'dawn.node', 'package.json']);
  const before = fs.statSync(path.join(cache, 'sigdeg', cached()[0]!, 'dawn.node')).ino;
  const blind = { VK_ICD_FILENAMES: path.join(scratch.dir, 'none.json') };
  expect(failure(await sigdeg(['runtime', 'install', '--webgpu'], blind))).toMatchObject({ error: 'WEBGPU_INSTALL', message: matching(/does not work: WebGPU finds no GPU .*driver for Vulkan.*nothing was changed/) });
  expect([cached().length, fs.statSync(path.join(cache, 'sigdeg', cached()[0]!, 'dawn.node')).ino]).toEqual([1, before]);
  const { engines, auto } = JSON.parse((await sigdeg(['--json', 'runtime', 'status'])).stdout) as { engines: { engine: string; works: boolean; gpu: boolean }[]; auto: string };
  expect(engines.find(({ engine }) => engine === 'webgpu')).toMatchObject({ works: true, gpu: false });
  expect(['tensorflow', 'wasm']).toContain(auto);
  expect(failure(await sigdeg(['runtime', 'install', '--webgpu', '--cpu']))).toMatchObject({ exit: 2, message: matching(/--cpu is for the native engine/) });
}, 240_000);

onSwiftShader('an MLP, its student and their samples are those of the plain engine within rounding, and the same bits each time', async () => {
  const taught = (engine: string, runs: string): Promise<string> => distil(engine, runs, scratch.file, 'evaluation');
  const [first, again, plain] = [await taught('webgpu', 'a'), await taught('webgpu', 'b'), await taught('cpu', 'c')];
  for (const kind of ['teacher', 'student']) {
    expect(Buffer.from(weightsOf(first, kind).buffer).equals(Buffer.from(weightsOf(again, kind).buffer)), kind).toBe(true);
    expect(difference(weightsOf(first, kind), weightsOf(plain, kind)), kind).toBeLessThan(1e-4);
  }
  const sample = async (engine: string, runs: string, n: number): Promise<Float32Array> => {
    const out = path.join(scratch.dir, `${engine}-${n}.npy`);
    // Its own folder and seed, so that nothing is read back.
    expect(await sigdeg(['--engine', engine, '--runs-dir', path.join(scratch.dir, runs, 'runs'), 'sample', 'tiny', '--n', String(n), '--seed', '7', '--out', out])).toMatchObject({ code: 0 });
    return decodeNpy(fs.readFileSync(out), out).data as Float32Array;
  };
  const [few, many, other] = [await sample('webgpu', 'a', 3), await sample('webgpu', 'b', 40), await sample('cpu', 'c', 40)];
  expect(many.slice(0, few.length)).toEqual(few);
  expect(difference(many, other)).toBeLessThan(1e-3);
}, 400_000);

onSwiftShader('a U-Net trains to the weights of the plain engine within rounding, and to the same bits each time', async () => {
  const teacherOf = async (engine: string, runs: string): Promise<Float32Array> => weightsOf(await distil(engine, runs, unetFile, 'paths'), 'teacher');
  const [first, again, plain] = [await teacherOf('webgpu', 'd'), await teacherOf('webgpu', 'e'), await teacherOf('cpu', 'f')];
  expect(Buffer.from(first.buffer).equals(Buffer.from(again.buffer))).toBe(true);
  expect(difference(first, plain)).toBeLessThan(1e-3);
}, 900_000);
