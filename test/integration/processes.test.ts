import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { bindingFile, nativePackageDir } from '../../src/runtime/native-package';
import { checkpoints, cli, collected, ended, engine, experiment, failure, LONG, long, matching, scratchFolders, until, weights, type Scratch } from './harness';

const scratch = scratchFolders(long);

let reference: Promise<string> | undefined;
/** The teacher's weights of a distillation that nobody disturbs. */
const undisturbed = (): Promise<string> => (reference ??= (async () => {
  const s = scratch();
  await s.distil();
  return weights(s.runs('teacher')[0]!);
})());

/** Waits until the teacher has been trained a little. */
const begun = (s: Scratch) => until(() => {
  const run = s.runs('teacher')[0];
  return run !== undefined && checkpoints(run).length > 0 ? run : undefined;
}, 'a checkpoint');
const lastState = (run: string): string => /.*"state":"(\w+)"/s.exec(fs.readFileSync(path.join(run, 'events.jsonl'), 'utf8'))![1]!;
const workerOf = (run: string): number => (JSON.parse(fs.readFileSync(path.join(run, 'lease.json'), 'utf8')) as { pid: number }).pid;

async function goesOnToTheSameWeights(s: Scratch, run: string): Promise<void> {
  expect(Number(checkpoints(run).at(-1))).toBeLessThan(LONG);
  expect((await s.sigdeg('resume', path.basename(run))).code).toBe(0);
  expect(weights(run)).toBe(await undisturbed());
}

test('Ctrl-C for the whole process group checkpoints, exits with 130, and the same command ends with the same weights bit for bit', async () => {
  const s = scratch();
  const { child, done } = s.start('--json', 'distill', s.file);
  const run = await begun(s);
  process.kill(-child.pid!, 'SIGINT');
  const result = await done;
  expect(failure(result)).toMatchObject({ exit: 130, error: 'INTERRUPTED', message: matching(/the same command again goes on/) });
  expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'INTERRUPTED' } });
  expect([lastState(run), fs.existsSync(path.join(run, 'lease.json'))]).toEqual(['stopped', false]);
  expect((await s.distil()).runs.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
  expect([s.runs('teacher'), weights(run)]).toEqual([[run], await undisturbed()]);
});

test('Ctrl-C typed on a terminal does the same, also before the job has started to compute', async ({ skip }) => {
  const s = scratch();
  const terminal = 'import pty, sys\nsys.exit(pty.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])) if hasattr(pty, "waitstatus_to_exitcode") else __import__("os").waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
  const child = spawn('python3', ['-c', terminal, process.execPath, ...s.words('distill', s.file)], { cwd: s.dir, stdio: ['pipe', 'pipe', 'pipe'] });
  const done = collected(child);
  const missing = new Promise<string>((resolve) => child.once('error', () => { resolve(''); }));
  // As soon as the run has a folder: its process is still being loaded.
  const run = await Promise.race([missing, until(() => s.runs('teacher')[0], 'a run')]);
  if (run === '') skip('no python3 to open a terminal with');
  child.stdin.write('\x03');
  const { code, stdout } = await done;
  expect([code, stdout]).toEqual([130, matching(/Stopping: the job writes a checkpoint first.*error INTERRUPTED: stopped/s)]);
  expect(lastState(run)).toBe('stopped');
  await goesOnToTheSameWeights(s, run);
});

test('a second Ctrl-C ends the job and what computes for it at once', async () => {
  const s = scratch();
  const { child, done } = s.start('distill', s.file);
  const run = await begun(s);
  const worker = workerOf(run);
  process.kill(worker, 'SIGSTOP'); // it will not answer the first
  process.kill(child.pid!, 'SIGINT');
  await until(() => (fs.existsSync(path.join(run, 'control')) ? true : undefined), 'the wish to stop');
  process.kill(child.pid!, 'SIGINT');
  expect(failure(await done)).toMatchObject({ exit: 130, error: 'INTERRUPTED' });
  expect(() => process.kill(worker, 0)).toThrow();
  expect(JSON.parse((await s.sigdeg('--json', 'show', path.basename(run))).stdout)).toMatchObject({ state: 'lost' });
});

test('a job whose process is killed is told as lost, with how, and goes on', async () => {
  const s = scratch();
  const { done } = s.start('distill', s.file);
  const run = await begun(s);
  process.kill(workerOf(run), 'SIGKILL');
  expect(failure(await done)).toMatchObject({ exit: 1, error: 'RUN_LOST', message: matching(/ended by SIGKILL .*the same command again goes on/) });
  // Whoever looks at it later is told the same.
  const shown = async (): Promise<unknown> => JSON.parse((await s.sigdeg('--json', 'show', path.basename(run))).stdout);
  expect(await shown()).toMatchObject({ state: 'lost', error: { code: 'RUN_LOST', message: matching(/ended by SIGKILL/), lines: [] } });
  await goesOnToTheSameWeights(s, run);
  expect(await shown()).toMatchObject({ state: 'done' });
  expect(await shown()).not.toHaveProperty('error');
});

test('a second command on a run that is executed follows it to its end; resume and rm say who has it', async () => {
  const s = scratch();
  // Stopped once before, so that the follower must not take the old end for the new one.
  const first = s.start('distill', s.file);
  const run = await begun(s);
  expect((await s.sigdeg('stop', path.basename(run))).code).toBe(0);
  expect(failure(await first.done)).toMatchObject({ exit: 130, error: 'INTERRUPTED' });
  const second = s.start('--json', 'distill', s.file);
  await until(() => (lastState(run) === 'running' ? true : undefined), 'the run going on');
  const third = s.start('--json', 'distill', s.file);
  const busy = await ended(process.execPath, [path.join(path.dirname(cli), 'worker.js'), run, '--engine', engine], s.dir);
  if (lastState(run) === 'running') expect([busy.code, busy.stderr]).toEqual([1, matching(new RegExp(`^RUN_BUSY: .* is executed by process \\d+ on ${os.hostname()}`, 'm'))]);
  const ends = await Promise.all([second.done, third.done]);
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  expect(s.runs('teacher')).toEqual([run]);
  expect(weights(run)).toBe(await undisturbed());
});

test('a command that was killed leaves its job running, and the same command again follows it', async () => {
  const s = scratch();
  const { child, done } = s.start('distill', s.file);
  const run = await begun(s);
  child.kill('SIGKILL');
  await done;
  expect(lastState(run)).toBe('running');
  expect((await s.distil()).runs).toHaveLength(4);
  expect([s.runs('teacher'), weights(run)]).toEqual([[run], await undisturbed()]);
});

test('a job whose program is missing or broken fails at once with words', async () => {
  const s = scratch();
  const broken = path.join(s.dir, 'dist');
  fs.mkdirSync(broken);
  fs.copyFileSync(cli, path.join(broken, 'cli.js'));
  const run = () => ended(process.execPath, [path.join(broken, 'cli.js'), 'distill', s.file], s.dir);
  expect(failure(await run())).toMatchObject({ exit: 1, error: 'INTERNAL', message: matching(/worker\.js is not at .*npm run build/) });
  fs.writeFileSync(path.join(broken, 'worker.js'), 'throw new Error("broken on purpose")');
  expect(failure(await run())).toMatchObject({ exit: 1, error: 'RUN_LOST', message: matching(/ended with status 1; its last words: .*broken on purpose/) });
});

test('a reader that closes the pipe early does no harm', async () => {
  const s = scratch();
  const child = spawn(process.execPath, s.words('--help'), { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const { code, stderr } = await collected(child);
  expect([code, stderr]).toEqual([0, '']);
});

test('of commands that start at once on an empty folder one makes each run, and all end with the same', async () => {
  const s = scratch(experiment);
  const all = await Promise.all([s.distil(), s.distil(), s.distil()]);
  for (const { runs } of all) expect(runs.map(({ id, state }) => [id, state])).toEqual(all[0].runs.map(({ id }) => [id, 'done']));
  expect(['teacher', 'paths', 'student', 'evaluation'].map((kind) => s.runs(kind).length)).toEqual([1, 1, 1, 1]);
  expect(fs.readdirSync(s.runsDir).filter((name) => name.startsWith('.'))).toEqual([]);
}, 120_000);

const engines = new Set([engine, ...(fs.existsSync(bindingFile(nativePackageDir())) ? ['tensorflow'] : [])]);

test.each([...engines])('on %s what is drawn is the same to the bit in one process and in several: points, and images of a U-Net with attention', async (name) => {
  const drawn = async (processes: string): Promise<Buffer[]> => {
    const s = scratch(experiment);
    const command = async (...args: string[]): Promise<void> => {
      const { code, stderr } = await s.sigdeg('--engine', name, '--processes', processes, ...args);
      expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    };
    // The weights themselves are the test's premise, so one process trains them.
    await s.distil();
    await command('import', path.resolve('test/golden/fixtures/ddpm-pipeline'), '--name', 'spots');
    // Three chunks each, the last one not full.
    await command('sample', 'tiny', '--n', '4100', '--seed', '7', '--out', 'points.npy');
    await command('sample', 'spots', '--n', '130', '--seed', '7', '--out', 'images.npy');
    return ['points.npy', 'images.npy'].map((file) => fs.readFileSync(path.join(s.dir, file)));
  };
  const [one, several] = [await drawn('1'), await drawn('3')];
  expect(one[0]!.length).toBeGreaterThan(4 * 2 * 4100);
  expect(several.map((bytes, i) => bytes.equals(one[i]!))).toEqual([true, true]);
}, 240_000);
