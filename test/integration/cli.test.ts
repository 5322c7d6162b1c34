import { execFile, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeNpy } from '../../src/formats/npy';

const run = promisify(execFile);
const cli = path.resolve('dist/cli.js');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-test-'));
const engine = process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm';
const training = { steps: 300, batch: 64, learningRate: 0.002, checkpointEvery: 50, logEvery: 10 };
const experiment = {
  dataset: { name: 'moons', count: 500 },
  schedule: { fineSteps: 40 },
  teacher: { net: { kind: 'mlp', width: 16, blocks: 1 }, training },
  paths: { count: 2048 },
  students: [{ steps: [2, 4], depth: 2, training }],
  evaluation: { count: 256, seeds: 3, steps: [4], samplers: ['ddpm', 'sig-deg'], grids: ['quad'] },
};
const file = path.join(folder, 'tiny.sigdeg.json');

const sigdeg = (runs: string, ...args: string[]) =>
  run(process.execPath, [cli, '--json', '--engine', engine, '--runs-dir', path.join(folder, runs, 'runs'), ...args], { cwd: folder });

interface Distilled {
  student: string;
  runs: { id: string; kind: string; state: string; dir: string }[];
}

const distil = async (runs: string, ...args: string[]): Promise<Distilled> => JSON.parse((await sigdeg(runs, ...args, 'distill', file)).stdout) as Distilled;

/** The final weights of a run as bytes. */
function weights({ runs }: Distilled, kind: string): string {
  const dir = path.resolve(folder, runs.find((r) => r.kind === kind)!.dir, 'checkpoints');
  const newest = fs.readdirSync(dir).sort().at(-1)!;
  return fs.readFileSync(path.join(dir, newest, 'model.safetensors')).toString('hex');
}

let first: Distilled;

beforeAll(async () => {
  fs.writeFileSync(file, JSON.stringify(experiment));
  first = await distil('a');
});

afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

test('distill makes every run of the experiment, and the same command again uses them all', async () => {
  expect(first.runs.map((r) => [r.kind, r.state])).toEqual([['teacher', 'done'], ['paths', 'done'], ['student', 'done'], ['evaluation', 'done']]);
  expect((await distil('a')).runs.map((r) => r.id)).toEqual(first.runs.map((r) => r.id));
});

test('a seed gives the same samples whatever the number, in one process or two', async () => {
  const sample = async (n: number, processes: number): Promise<Float32Array> => {
    // Its own cache folder, so that nothing is merely read back.
    const own = `n${n}p${processes}`;
    fs.cpSync(path.join(folder, 'a', 'runs'), path.join(folder, own, 'runs'), { recursive: true });
    const out = path.join(folder, `${own}.npy`);
    await sigdeg(own, '--processes', String(processes), 'sample', first.student, '--steps', '4', '--n', String(n), '--seed', '5', '--out', out);
    const { shape, data } = decodeNpy(fs.readFileSync(out), out);
    expect(shape).toEqual([n, 2]);
    return data as Float32Array;
  };
  const all = await sample(2300, 2);
  for (const n of [1, 7, 300, 2300]) {
    const some = await sample(n, 1);
    expect([n, some.length, some.findIndex((v, i) => v !== all[i])]).toEqual([n, 2 * n, -1]);
  }
});

test('a distillation whose process is killed and that is run again ends with the same weights bit for bit', async () => {
  const args = ['--json', '--engine', engine, '--runs-dir', path.join(folder, 'b', 'runs'), 'distill', file];
  const killed = spawn(process.execPath, [cli, ...args], { cwd: folder, stdio: 'ignore' });
  const runs = path.join(folder, 'b', 'runs');
  const deadline = Date.now() + 60_000;
  let worker: number | undefined;
  while (worker === undefined && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    try {
      const dir = path.join(runs, fs.readdirSync(runs)[0]!);
      if (fs.readdirSync(path.join(dir, 'checkpoints')).some((name) => /^\d+$/.test(name))) {
        worker = (JSON.parse(fs.readFileSync(path.join(dir, 'lease.json'), 'utf8')) as { pid: number }).pid;
      }
    } catch {
      // not there yet
    }
  }
  expect(worker).toBeDefined();
  const ended = new Promise((resolve) => killed.once('close', resolve));
  try {
    process.kill(worker!, 'SIGKILL');
  } catch {
    // it was quicker: the comparison below still holds
  }
  await ended;
  const again = await distil('b');
  expect(weights(again, 'teacher')).toBe(weights(first, 'teacher'));
  expect(weights(again, 'student')).toBe(weights(first, 'student'));
});

test('errors are one line with a code, without a stack', async () => {
  const failure = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    try {
      await sigdeg('a', ...args);
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
    throw new Error('expected a failure');
  };
  fs.writeFileSync(path.join(folder, 'typo.sigdeg.json'), JSON.stringify({ ...experiment, datset: {} }));
  const typo = await failure('distill', path.join(folder, 'typo.sigdeg.json'));
  expect(typo.code).toBe(1);
  expect((JSON.parse(typo.stdout) as { error: { code: string } }).error.code).toBe('BAD_CONFIG');
  expect(typo.stderr).toMatch(/datset.*dataset/);
  expect(typo.stderr.trim().split('\n')).toHaveLength(1);
  expect((await failure('sample', first.student, '--sampler', 'dpm')).code).toBe(2);
  const { run: samples } = JSON.parse((await sigdeg('a', 'sample', first.student, '--steps', '2', '--n', '1')).stdout) as { run: string };
  const before = fs.readdirSync(path.join(folder, 'a', 'runs'));
  const drawn = await failure('sample', samples);
  expect([drawn.code, drawn.stderr]).toEqual([2, expect.stringMatching(/is a run of kind samples: name a teacher or a student/)]);
  expect(fs.readdirSync(path.join(folder, 'a', 'runs'))).toEqual(before);
  expect((JSON.parse((await failure('show', 'nothing')).stdout) as { error: { code: string } }).error.code).toBe('NOT_FOUND');
});

test('evaluate measures every sampler and setting that is asked for under every seed, and a student at the steps that it knows', async () => {
  const { rows } = JSON.parse((await sigdeg('a', 'evaluate', first.student, '--samplers', 'dpmpp-2m,sig-deg', '--steps', '2,3', '--n', '64', '--grids', 'quad,uniform-t', '--metrics', 'swd,energy,frechet,pathwise-rmse')).stdout) as { rows: { sampler: string; steps: number; metric: string; seed: number; n: number; value: number; floor: object | null }[] };
  const count = (sampler: string, steps: number, metric: string): number => rows.filter((r) => r.sampler === sampler && r.steps === steps && r.metric === metric).length;
  // Two grids, with and without lower order; three seeds.
  expect([count('dpmpp-2m', 2, 'swd'), count('dpmpp-2m', 3, 'energy'), count('dpmpp-2m', 2, 'pathwise-rmse')]).toEqual([12, 12, 0]);
  expect([count('sig-deg', 2, 'swd'), count('sig-deg', 2, 'pathwise-rmse'), count('sig-deg', 3, 'swd'), count('ddpm', 40, 'frechet')]).toEqual([3, 3, 0, 3]);
  expect(rows.every((r) => r.n === 64 && Number.isFinite(r.value) && (r.floor === null) === (r.metric === 'pathwise-rmse'))).toBe(true);
});

test('fewer steps of second order stand for the teacher where they are asked for', async () => {
  const { id } = first.runs.find((r) => r.kind === 'teacher')!;
  const { rows } = JSON.parse((await sigdeg('a', 'evaluate', id, '--samplers', 'ddim', '--steps', '2', '--n', '64', '--grids', 'quad', '--reference-steps', '20')).stdout) as { rows: { sampler: string; steps: number; reference: string }[] };
  expect(new Set(rows.map(({ reference }) => reference))).toEqual(new Set([`${id} sde-dpmpp-2m@20`]));
  expect(new Set(rows.map(({ sampler, steps }) => `${sampler}@${steps}`))).toEqual(new Set(['ddim@2', 'sde-dpmpp-2m@20']));
  await expect(sigdeg('a', 'evaluate', id, '--reference-steps', '41')).rejects.toThrow(/expected 1 to 40 steps \(the fine grid's number\), found 41/);
});

test('beside a teacher of other data, students are measured against those of the experiment; memorised is what the teacher saw', async () => {
  const measured = async (name: string, dataset: object): Promise<Map<string, number>> => {
    const other = path.join(folder, `${name}.sigdeg.json`);
    fs.writeFileSync(other, JSON.stringify({ dataset, teacher: { from: 'tiny' }, paths: { count: 64 }, students: [{ steps: 2, depth: 2, training: { ...training, steps: 10 } }], evaluation: { count: 64, seeds: 3, steps: [2], samplers: ['sig-deg'], metrics: ['swd', 'memorised'], toData: true } }));
    const { runs } = JSON.parse((await sigdeg('a', 'distill', other)).stdout) as Distilled;
    const { rows } = JSON.parse((await sigdeg('a', 'show', runs.at(-1)!.id)).stdout) as { rows: { run: string; metric: string; seed: number; value: number; reference: string }[] };
    const ofTeacher = rows.filter(({ run }) => run === runs[0]!.id);
    return new Map(ofTeacher.map(({ metric, seed, reference, value }) => [`${metric} ${seed}${metric.endsWith('to-data') ? ` ${reference}` : ''}`, value]));
  };
  const [own, others] = [await measured('own', experiment.dataset), await measured('others', { name: '8-gaussians', count: 500 })];
  const of = (values: Map<string, number>, wanted: RegExp): number[] => [...values].filter(([key]) => wanted.test(key)).map(([, value]) => value);
  expect(of(own, /^memorised /)).toHaveLength(3);
  expect(of(others, /^memorised /)).toEqual(of(own, /^memorised /));
  const [near, far] = [of(own, /^swd-to-data .* data moons$/), of(others, /^swd-to-data .* data 8-gaussians$/)];
  expect([near.length, far.length]).toEqual([3, 3]);
  expect(Math.min(...far)).toBeGreaterThan(Math.max(...near));
});

test('an evaluation whose end was lost goes on after the rows that are there, and ends with the same ones', async () => {
  const evaluation = first.runs.find((r) => r.kind === 'evaluation')!;
  fs.cpSync(path.join(folder, 'a', 'runs'), path.join(folder, 'e', 'runs'), { recursive: true });
  const events = path.join(folder, 'e', 'runs', evaluation.id, 'events.jsonl');
  const rowsIn = (text: string): unknown[] => text.split('\n').flatMap((line) => (line.includes('"type":"eval"') ? [(JSON.parse(line) as { row: unknown }).row] : []));
  const whole = fs.readFileSync(events, 'utf8');
  const lines = whole.split('\n');
  const fifth = lines.flatMap((line, i) => (line.includes('"type":"eval"') ? [i] : []))[4]!;
  fs.writeFileSync(events, `${lines.slice(0, fifth).join('\n')}\n`);
  await sigdeg('e', 'resume', evaluation.id);
  const again = rowsIn(fs.readFileSync(events, 'utf8'));
  const plain = (rows: unknown[]): unknown[] => rows.map((row) => ({ ...(row as object), seconds: 0 }));
  expect(plain(again)).toEqual(plain(rowsIn(whole)));
});
