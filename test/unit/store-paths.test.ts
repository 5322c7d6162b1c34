import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { syncFolder } from '../../src/store/atomic';
import { EventWriter, parseEvent, readEvents } from '../../src/store/events';
import { acquireLease, beat, isOwned } from '../../src/store/lease';
import { runFolder } from '../../src/store/run';
import { patiently } from '../../src/system/files';

const scratch = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-store-'));

test('a picture outside its run, by whatever spelling, is no event', () => {
  const image = (file: string) => parseEvent(JSON.stringify({ seq: 0, time: 0, type: 'image', name: 'x', step: 0, path: file }));
  expect(image('samples/grid.png')).toMatchObject({ path: 'samples/grid.png' });
  for (const file of ['../x.png', 'samples/../../x.png', '/etc/passwd', '\\\\host\\x', 'C:/x', 'samples\\..\\..\\x', '', './x', 'a//b', 'a\0b']) expect([file, image(file)]).toEqual([file, undefined]);
});

test('a run names only runs beside it', () => {
  expect(runFolder('runs', '20260101-000000-teacher-a.b_c')).toBe(path.join('runs', '20260101-000000-teacher-a.b_c'));
  for (const id of ['..', '../x', 'a/b', '/a', '', '.hidden', 'a\\b']) expect(() => runFolder('runs', id)).toThrow(/expected the id of a run/);
});

test('a number that JSON does not have is told as a warning, not lost', () => {
  const dir = scratch();
  const writer = EventWriter.open(dir);
  writer.append({ type: 'scalar', name: 'loss', step: 3, value: NaN });
  writer.close();
  expect(readEvents(dir)).toMatchObject([{ type: 'log', level: 'warn', message: 'loss at step 3 is NaN: the samples or weights behind it are not finite' }]);
  fs.rmSync(dir, { recursive: true });
});

test('an owner whose run was taken over notices, and touches nothing of the new one', () => {
  const dir = scratch();
  const first = acquireLease(dir);
  expect(isOwned(dir)).toBe(true);
  expect(() => acquireLease(dir)).toThrow(/is executed by process/);
  // As if this process had slept for an hour, and another had gone on with the run meanwhile.
  const content = JSON.parse(fs.readFileSync(first.file, 'utf8')) as object;
  fs.writeFileSync(first.file, JSON.stringify({ ...content, time: Date.now() - 3_600_000 }));
  const second = acquireLease(dir);
  const taken = fs.readFileSync(second.file, 'utf8');
  expect(() => { first.check(); }).toThrow(/is executed by process/);
  beat(first.file, first.owner);
  first.release();
  expect(fs.readFileSync(second.file, 'utf8')).toBe(taken);
  second.release();
  expect(isOwned(dir)).toBe(false);
  fs.rmSync(dir, { recursive: true });
});

test('of a process whose numbers are of another system or container, on a host of the same name, the heartbeat alone tells', () => {
  const dir = scratch();
  const { pid } = spawnSync(process.execPath, ['--version']);
  const ownedWith = (more: object): boolean => {
    fs.writeFileSync(path.join(dir, 'lease.json'), JSON.stringify({ host: os.hostname(), pid, time: Date.now(), owner: 'x', ...more }));
    return isOwned(dir);
  };
  expect(ownedWith({ space: 'win32' })).toBe(true);
  expect(ownedWith({ space: 'win32', time: Date.now() - 3_600_000 })).toBe(false);
  // As before there were spaces.
  expect([ownedWith({}), ownedWith({ pid: process.pid })]).toEqual([false, true]);
  fs.rmSync(path.join(dir, 'lease.json'));
  const own = acquireLease(dir);
  const content = JSON.parse(fs.readFileSync(own.file, 'utf8')) as object;
  expect([ownedWith(content), ownedWith({ ...content, pid })]).toEqual([true, false]);
  fs.rmSync(dir, { recursive: true });
});

test('what Windows refuses while a virus scanner holds a file is done a little later; elsewhere, and of another kind, a refusal is final', () => {
  const refusing = (times: number, code: string) => {
    const tries = { left: times };
    return () => { if (tries.left-- > 0) throw Object.assign(new Error(code), { code }); else return 'done'; };
  };
  for (const code of ['EPERM', 'EACCES', 'EBUSY']) {
    expect(patiently(refusing(3, code), 'win32')).toBe('done');
    expect(() => patiently(refusing(1, code), 'linux')).toThrow(code);
  }
  expect(() => patiently(refusing(1, 'ENOSPC'), 'win32')).toThrow('ENOSPC');
});

test.skipIf(process.platform !== 'linux')('a file system that cannot sync folders is no failure', () => {
  expect(() => { syncFolder('/proc/self'); }).not.toThrow();
});
