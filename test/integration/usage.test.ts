import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cli, ended, experiment, failure, matching, Scratch } from './harness';

const scratch = new Scratch();
afterAll(() => { scratch.remove(); });

async function rejected(content: object | string, ...args: string[]) {
  fs.writeFileSync(scratch.file, typeof content === 'string' ? content : JSON.stringify(content));
  return failure(await scratch.sigdeg('distill', scratch.file, ...args));
}

test('a wrong experiment says where, what was found and what was expected, and for a typo the nearest key', async () => {
  const typo = await rejected({ ...experiment, datset: {} });
  expect(typo).toMatchObject({ exit: 1, error: 'BAD_CONFIG' });
  expect(typo.message).toMatch(/tiny\.sigdeg\.json: .*datset: unknown key, did you mean 'dataset'\?/);
  const type = await rejected({ ...experiment, paths: { count: 'many' } });
  expect(type.message).toMatch(/paths\.count: expected an integer.*, found "many"/);
  const name = await rejected({ ...experiment, dataset: { name: 'moon' } });
  expect(name.message).toMatch(/dataset\.name: expected one of .*, found "moon", did you mean 'moons'\?/);
});

test('what is no JSON, no file or nothing at all is told with its place', async () => {
  const broken = await rejected('{\n  "dataset": {\n    "name": "moons",\n  }\n}');
  expect(broken).toMatchObject({ exit: 1, error: 'BAD_CONFIG' });
  expect(broken.message).toMatch(/tiny\.sigdeg\.json:4: expected JSON/);
  expect(failure(await scratch.sigdeg('distill', scratch.dir))).toMatchObject({ exit: 1, error: 'NOT_FOUND', message: matching(/is a folder: expected an experiment file/) });
  expect(failure(await scratch.sigdeg('distill', 'none.sigdeg.json'))).toMatchObject({ exit: 1, error: 'NOT_FOUND', message: matching(/none\.sigdeg\.json/) });
});

test('a wrong --set is bad usage when it is malformed, and a wrong config that names it when its value is', async () => {
  expect(await rejected(experiment, '--set', 'paths.count')).toMatchObject({ exit: 2, error: 'BAD_USAGE', message: matching(/path=value.*'paths\.count'/) });
  expect(await rejected(experiment, '--set', 'students.4.depth=1')).toMatchObject({ exit: 2, error: 'BAD_USAGE', message: matching(/entry 0 to 1/) });
  const key = await rejected(experiment, '--set', 'teacher.training.step=1');
  expect(key).toMatchObject({ exit: 1, error: 'BAD_CONFIG' });
  expect(key.message).toMatch(/with --set teacher\.training\.step=1: teacher\.training\.step: unknown key, did you mean 'steps'\?/);
});

test('words that the command does not know end with 2 and a line that helps, as JSON with --json', async () => {
  for (const [args, words] of [
    [['distil', 'x'], /unknown command 'distil' .*Did you mean distill/],
    [['runs', '--jsno'], /unknown option '--jsno' .*Did you mean --json/],
    [['distill'], /missing required argument 'file'/],
    [['--engine', 'wsam', 'distill', 'tiny.sigdeg.json'], /--engine: expected auto, tensorflow, webgpu, wasm or cpu, found 'wsam', did you mean 'wasm'/],
    [['--processes', 'two', 'distill', 'tiny.sigdeg.json'], /--processes: expected an integer of at least 1, found 'two'/],
    [[], /expected a command/],
  ] as const) {
    fs.writeFileSync(scratch.file, JSON.stringify(experiment));
    const plain = failure(await ended(process.execPath, [cli, ...args], scratch.dir));
    expect(plain).toMatchObject({ exit: 2, error: 'BAD_USAGE', message: matching(words) });
    const json = await ended(process.execPath, [cli, '--json', ...args], scratch.dir);
    expect([json.code, JSON.parse(json.stdout)]).toEqual([2, { error: { code: 'BAD_USAGE', message: plain.message } }]);
  }
});

test('data that are not there or are damaged are told with the path', async () => {
  expect(await rejected({ ...experiment, dataset: { name: 'mnist', path: 'nowhere' } })).toMatchObject({ exit: 1, error: 'NO_DATA', message: matching(/expected train-images.* in .*nowhere \(dataset\.path\), found none/) });
  expect(await rejected({ ...experiment, dataset: { name: 'npy', path: 'x.npy' } })).toMatchObject({ exit: 1, error: 'NO_DATA', message: matching(/x\.npy/) });
  fs.writeFileSync(path.join(scratch.dir, 'x.npy'), 'not numpy');
  expect(await rejected({ ...experiment, dataset: { name: 'npy', path: 'x.npy' } })).toMatchObject({ exit: 1, error: 'BAD_FILE', message: matching(/x\.npy: expected/) });
});

test('a loss that is no number ends the run with its step, what is kept and the key to lower, and lowering it works', async () => {
  const wild = ['learningRate=1e30', 'clip=1e30', 'warmup=15', 'checkpointEvery=1'].flatMap((set) => ['--set', `teacher.training.${set}`]);
  const before = scratch.runs('teacher').length;
  const first = await rejected(experiment, ...wild);
  expect(first).toMatchObject({ exit: 1, error: 'NAN_LOSS' });
  expect(first.message).toMatch(/became \w+ at step \d+ with a learning rate of 1e\+30; the checkpoint of step 1 is kept: .*--set teacher\.training\.learningRate=1e\+29, which starts a new run/);
  // Resuming is exact, so that it ends in the same way.
  expect((await rejected(experiment, ...wild)).message).toBe(first.message);
  expect(scratch.runs('teacher')).toHaveLength(before + 1);
  expect((await scratch.distil('--set', 'teacher.training.learningRate=0.001')).runs).toHaveLength(4);
});
