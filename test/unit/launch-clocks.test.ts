/** What looks at a run must not be misled by a clock that is set back, nor by a machine that slept. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { Control } from '../../src/launch/control';
import { joinRun, type RunEnd } from '../../src/launch/run-to-end';
import { writeControl } from '../../src/store/control';
import { EventWriter } from '../../src/store/events';
import { acquireLease, beat, type Lease } from '../../src/store/lease';
import { createRun } from '../../src/store/run';

const dir = (): string => {
  const runsDir = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-clocks-'));
  ends.push(() => { fs.rmSync(runsDir, { recursive: true }); });
  return createRun(runsDir, { kind: 'teacher', name: 'a', experiment: null, experimentFile: null, config: {}, configHash: '', seed: 0, parents: [], versions: {}, engine: 'wasm' }).dir;
};
const ends: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const end of ends.splice(0)) end();
});

test('a job hears its user also after the clock was set back', async () => {
  const run = dir();
  const control = new Control({ dir: run, check: () => undefined, append: () => undefined, terminated: () => false });
  expect(control.interrupted()).toBe(false);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
  writeControl(run, 'stop');
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(control.interrupted()).toBe(true);
});

/** Watches a run whose owner last beat before a sleep. `look`: once more whether it lives. */
function watched(): { end: Promise<RunEnd>; lease: Lease; events: EventWriter; look: () => void } {
  const run = dir();
  const lease = acquireLease(run);
  const events = EventWriter.open(run);
  events.append({ type: 'state', state: 'running' });
  fs.writeFileSync(lease.file, JSON.stringify({ ...JSON.parse(fs.readFileSync(lease.file, 'utf8')) as object, time: Date.now() - 600_000 }).padEnd(256));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  return { end: joinRun(run, {}), lease, events, look: () => { vi.advanceTimersToNextTimer(); } };
}

test('a run that another process works on is not lost because the machine slept', async () => {
  const { end, lease, events, look } = watched();
  look();
  // The time in which it would be told as lost.
  await new Promise((resolve) => setTimeout(resolve, 50));
  beat(lease.file, lease.owner);
  look();
  events.append({ type: 'state', state: 'done' });
  events.close();
  expect(await end).toMatchObject({ state: 'done' });
});

test('one whose owner stays silent is', async () => {
  const { end, events, look } = watched();
  look();
  look();
  expect(await end).toMatchObject({ state: 'lost', error: { code: 'RUN_LOST' } });
  events.close();
});
