import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkpoints, ended, failure, flipByte, matching, Scratch, weights, type Distilled } from './harness';

const scratch = new Scratch();
let distilled: Distilled;
let [teacher, student] = ['', ''];

beforeAll(async () => {
  distilled = await scratch.distil();
  [teacher, student] = [scratch.runs('teacher')[0]!, scratch.runs('student')[0]!];
});
afterAll(() => { scratch.remove(); });

const modelFile = (run: string, checkpoint: string): string => path.join(run, 'checkpoints', checkpoint, 'model.safetensors');
const events = (run: string): string => fs.readFileSync(path.join(run, 'events.jsonl'), 'utf8');
const manifest = (run: string): Record<string, unknown> => JSON.parse(fs.readFileSync(path.join(run, 'run.json'), 'utf8')) as Record<string, unknown>;
const listed = async (): Promise<Record<string, string>> => {
  const { stdout } = await scratch.sigdeg('--json', 'runs');
  return Object.fromEntries((JSON.parse(stdout) as { id: string; state: string }[]).map(({ id, state }) => [id, state]));
};

/** A copy of a run beside it, under another name. */
function copied(run: string, name: string): string {
  const copy = path.join(path.dirname(run), name);
  fs.cpSync(run, copy, { recursive: true });
  return copy;
}

test('a damaged newest checkpoint is never used: the same command makes it again from the older one, with a warning', async () => {
  const before = weights(teacher);
  const newest = checkpoints(teacher).at(-1)!;
  flipByte(modelFile(teacher, newest));
  expect(failure(await scratch.sigdeg('sample', path.basename(teacher), '--steps', '2', '--n', '4'))).toMatchObject({ exit: 1, error: 'BAD_CHECKPOINT', message: matching(/sigdeg resume/) });
  const again = await scratch.sigdeg('distill', scratch.file);
  expect([again.code, weights(teacher)]).toEqual([0, before]);
  expect(again.stderr).toMatch(/warn: checkpoint .* is damaged: model\.safetensors does not have the contents that were written/);
  expect((await scratch.distil()).runs).toEqual(distilled.runs);
});

test('when all checkpoints are damaged the command says so and what to do', async () => {
  const copy = copied(teacher, '19990101-000000-teacher-broken');
  for (const name of checkpoints(copy)) flipByte(modelFile(copy, name));
  expect(failure(await scratch.sigdeg('resume', path.basename(copy)))).toMatchObject({ exit: 1, error: 'BAD_CHECKPOINT', message: matching(/no sound checkpoint is left in 19990101-000000-teacher-broken .*sigdeg rm/) });
  fs.rmSync(copy, { recursive: true });
});

test('a student makes the paths again that were deleted to win space', async () => {
  const before = weights(student);
  fs.rmSync(path.join(scratch.dir, '.sigdeg', 'cache'), { recursive: true });
  fs.rmSync(student, { recursive: true });
  expect((await scratch.distil()).runs.map((run) => run.state)).toEqual(['done', 'done', 'done', 'done']);
  student = scratch.runs('student')[0]!;
  expect(weights(student)).toBe(before);
});

test('a run of a newer version is passed over with a word, and refused by name', async () => {
  const copy = copied(teacher, '19990101-000000-teacher-newer');
  fs.writeFileSync(path.join(copy, 'run.json'), JSON.stringify({ ...manifest(copy), format: 99 }));
  const { code, stdout, stderr } = await scratch.sigdeg('runs');
  expect([code, stdout.includes(path.basename(teacher)), stdout.includes('newer')]).toEqual([0, true, false]);
  expect(stderr).toMatch(/passed over: .*newer.*format 99.*update sigdeg/);
  expect(failure(await scratch.sigdeg('show', path.basename(copy)))).toMatchObject({ exit: 1, error: 'NEWER_VERSION' });
  fs.rmSync(copy, { recursive: true });
});

test('lines that are torn or no events hide no other, and names that lead out of the folder are refused', async () => {
  const copy = copied(teacher, '19990101-000000-teacher-torn');
  const seq = 1e6;
  fs.appendFileSync(path.join(copy, 'events.jsonl'), [
    'garbage', '{"seq":1', '[]', JSON.stringify({ seq, time: 0, type: 'image', name: 'x', step: 0, path: '../../../etc/passwd' }),
    JSON.stringify({ seq: seq + 1, time: 0, type: 'progress', step: 7, steps: 9 }), '{"seq":1000002,"ti',
  ].join('\n'));
  const shown = JSON.parse((await scratch.sigdeg('--json', 'show', path.basename(copy))).stdout) as { state: string; step: number };
  expect(shown).toMatchObject({ state: 'done', step: 7, steps: 9 });
  fs.writeFileSync(path.join(copy, 'run.json'), JSON.stringify({ ...manifest(copy), parents: ['../../elsewhere'] }));
  expect(failure(await scratch.sigdeg('show', path.basename(copy)))).toMatchObject({ error: 'BAD_FILE', message: matching(/parents\.0/) });
  fs.rmSync(copy, { recursive: true });
});

test('rm asks for --yes and deletes only then', async () => {
  const copy = copied(teacher, '19990101-000000-teacher-unwanted');
  expect(failure(await scratch.sigdeg('rm', path.basename(copy)))).toMatchObject({ exit: 2, error: 'BAD_USAGE', message: matching(/add --yes/) });
  expect(fs.existsSync(copy)).toBe(true);
  expect((await scratch.sigdeg('rm', path.basename(copy), '--yes')).code).toBe(0);
  expect(fs.existsSync(copy)).toBe(false);
  // Of a teacher it says who cannot do without it.
  expect(failure(await scratch.sigdeg('rm', path.basename(teacher)))).toMatchObject({ error: 'BAD_USAGE', message: matching(/runs were made from it.*-student-/) });
});

test('whether a run is executed follows from its lease: process, heartbeat and host together', async () => {
  const copy = copied(teacher, '19990101-000000-teacher-leased');
  const running = `{"seq":1000000,"time":0,"type":"state","state":"running"}\n`;
  fs.appendFileSync(path.join(copy, 'events.jsonl'), running);
  const id = path.basename(copy);
  const state = async (lease: object | string | undefined): Promise<string | undefined> => {
    if (lease === undefined) fs.rmSync(path.join(copy, 'lease.json'), { force: true });
    else fs.writeFileSync(path.join(copy, 'lease.json'), typeof lease === 'string' ? lease : JSON.stringify({ host: os.hostname(), pid: process.pid, time: Date.now(), owner: 'x', ...lease }));
    return (await listed())[id];
  };
  expect(await state(undefined)).toBe('lost');
  expect(await state({})).toBe('running');
  expect(await state({ pid: 2 ** 22 - 1 })).toBe('lost');
  expect(await state({ time: Date.now() - 3_600_000 })).toBe('lost'); // the number lives, as another program
  expect(await state({ host: 'node-17', pid: 2 ** 22 - 1 })).toBe('running');
  expect(failure(await scratch.sigdeg('rm', id, '--yes'))).toMatchObject({ error: 'RUN_BUSY' });
  expect(await state({ host: 'node-17', time: Date.now() - 120_000 })).toBe('lost');
  await state('{"host":');
  fs.utimesSync(path.join(copy, 'lease.json'), new Date(0), new Date(0));
  expect((await listed())[id]).toBe('lost');
  expect((await scratch.sigdeg('resume', id)).code).toBe(0); // a torn lease is in nobody's way
  expect(events(copy).trim().split('\n').at(-1)).toMatch(/"state":"done"/);
  fs.rmSync(copy, { recursive: true });
});

/** Runs a shell script in a mount namespace of its own, where `$1` becomes a small file system. */
const onSmallDisk = (script: string, ...args: string[]) => ended('unshare', ['-rm', 'sh', '-c', `mount -t tmpfs -o size=2m none "$1" || exit 77\n${script}`, 'sh', ...args], scratch.dir);

test('on a full disk the command says so, keeps what it had, and goes on once there is space', async ({ skip }) => {
  const disk = path.join(scratch.dir, 'disk');
  fs.mkdirSync(disk);
  const script = `
    dir=$1; shift
    head -c $((2097152 - 49152)) /dev/zero > "$dir/fill"
    "$@"; echo "exit $?"
    cat "$dir"/runs/*-teacher-*/checkpoints/*/manifest.json | grep -c '"step"'
    rm "$dir/fill"
    "$@"; echo "exit $?"
    ls -d "$dir"/runs/*-teacher-* | wc -l
    cat "$dir"/runs/*-teacher-*/checkpoints/00000040/model.safetensors | od -An -v -tx1 | tr -d ' \\n'`;
  const { code, stdout, stderr } = await onSmallDisk(script, disk, process.execPath, ...scratch.words('--runs-dir', path.join(disk, 'runs'), 'distill', scratch.file));
  if (code === 77 || code === null) skip('no small file system can be mounted here (unshare, tmpfs)');
  const lines = stdout.split('\n').filter((line) => /^(exit|\d+$|[0-9a-f]{64})/.test(line));
  expect(lines.slice(0, 4)).toEqual(['exit 1', matching(/^[1-9]$/), 'exit 0', '1']);
  expect(stderr).toMatch(/^error NO_SPACE: no space left while writing .*: free some space .* and run the same command again$/m);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(lines[4]).toBe(weights(teacher));
});

test('a folder that may not be written is told as such', async ({ skip }) => {
  const disk = path.join(scratch.dir, 'readonly');
  fs.mkdirSync(disk);
  const words = (...args: string[]) => [process.execPath, ...scratch.words('--runs-dir', path.join(disk, 'runs'), ...args)];
  const script = 'mount -o remount,ro "$1" && shift && exec "$@"';
  const result = await onSmallDisk(script, disk, ...words('distill', scratch.file));
  if (result.code === 77 || result.code === null) skip('no small file system can be mounted here (unshare, tmpfs)');
  expect(failure(result)).toMatchObject({ exit: 1, error: 'NO_ACCESS', message: matching(/read-only.*--runs-dir/) });
  // A run that became read-only later.
  const later = await onSmallDisk('cp -r "$2" "$1/runs" && mount -o remount,ro "$1" && shift 2 && exec "$@"', disk, scratch.runsDir, ...words('sample', path.basename(student), '--steps', '2'));
  expect(failure(later)).toMatchObject({ exit: 1, error: 'NO_ACCESS' });
  fs.writeFileSync(path.join(scratch.dir, 'file'), '');
  expect(failure(await scratch.sigdeg('--runs-dir', 'file', 'runs'))).toMatchObject({ exit: 1, error: 'NOT_FOUND', message: matching(/expected a folder/) });
  // A place that can hold no folder, of which Node's own way of making several never comes back.
  if (fs.existsSync('/proc/self')) expect(failure(await scratch.sigdeg('--runs-dir', '/proc/sigdeg/runs', 'sample', 'mnist'))).toMatchObject({ exit: 1, error: matching(/NOT_FOUND|NO_ACCESS/) });
});
