/**
 * How long an index of many runs takes to list them, and to notice a change. No test: it depends on the machine.
 * `npx esbuild test/bench/run-index.ts --bundle --platform=node --format=esm --outfile=dist/bench.mjs && node dist/bench.mjs 5000`
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { median } from '../../src/core/statistics';
import { openRunIndex } from '../../src/store/run-index';
import { listRuns } from '../../src/store/run';
import { eventLines, makeRuns } from './make-runs';

const COUNT = Number(process.argv[2] ?? 5000);
const REPEATS = 5;
const CHANGES = 20;

const ms = (values: readonly number[]): string => `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`;

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-bench-'));
try {
  const runsDir = path.join(root, 'runs');
  const ids = makeRuns(runsDir, COUNT);
  const [first, whole, listed, blocked] = [[], [], [], []] as [number[], number[], number[], number[]];
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now();
    const index = openRunIndex(runsDir);
    first.push(performance.now() - start);
    let [longest, last] = [0, performance.now()];
    const beat = setInterval(() => { [longest, last] = [Math.max(longest, performance.now() - last), performance.now()]; }, 1);
    await index.ready;
    clearInterval(beat);
    whole.push(performance.now() - start);
    blocked.push(longest);
    if (index.all().length !== COUNT) throw new Error(`${index.all().length} of ${COUNT} runs`);
    index.close();
    const before = performance.now();
    listRuns(runsDir);
    listed.push(performance.now() - before);
  }
  process.stdout.write(`${COUNT} runs, medians of ${REPEATS} (range)\nopening returns      ${ms(first)}\nall runs known       ${ms(whole)}\nlongest pause        ${ms(blocked)}\nlistRuns, at a time  ${ms(listed)}\n`);

  const index = openRunIndex(runsDir);
  await index.ready;
  // The index does not keep a process alive.
  const awake = setInterval(() => undefined, 1000);
  const heard = async (change: () => void): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    return new Promise((resolve) => {
      const start = performance.now();
      const end = index.onChange(() => {
        end();
        resolve(performance.now() - start);
      });
      change();
    });
  };
  const [running, resumed, deleted] = [[], [], []] as [number[], number[], number[]];
  const alive = path.join(runsDir, ids.at(-1)!, 'events.jsonl');
  fs.writeFileSync(path.join(path.dirname(alive), 'lease.json'), JSON.stringify({ host: os.hostname(), pid: process.pid, time: Date.now() + 30_000, owner: 'bench' }));
  fs.appendFileSync(alive, eventLines([{ type: 'state', state: 'running' }], 1000));
  index.refresh();
  const before = index.bytesRead;
  let appended = 0;
  for (let i = 0; i < CHANGES; i++) {
    running.push(await heard(() => {
      const line = eventLines([{ type: 'progress', step: i + 1, steps: CHANGES, phase: 'train' }], 1001 + i);
      appended += line.length;
      fs.appendFileSync(alive, line);
    }));
  }
  const read = index.bytesRead - before;
  for (let i = 0; i < REPEATS; i++) resumed.push(await heard(() => { fs.appendFileSync(path.join(runsDir, ids[i]!, 'events.jsonl'), eventLines([{ type: 'state', state: 'stopped' }], 500 + i)); }));
  for (let i = 0; i < REPEATS; i++) deleted.push(await heard(() => { fs.rmSync(path.join(runsDir, ids[10 + i]!), { recursive: true }); }));
  process.stdout.write(`a running one goes on ${ms(running)}, ${read} bytes read for ${appended} written\nan old one is resumed ${ms(resumed)}\none is deleted       ${ms(deleted)}\n`);
  const polled = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const { user, system } = process.cpuUsage(polled);
  process.stdout.write(`idle costs           ${((user + system) / 1e5).toFixed(2)} % of a core\n`);
  clearInterval(awake);
  index.close();
} finally {
  fs.rmSync(root, { recursive: true });
}
