/** The loss on what is never trained on: it is measured, changes nothing, and tells a student that has learned its paths by heart. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { encodeNpy } from '../../src/formats/npy';
import { openPaths, pathMemory } from '../../src/jobs/open-paths';
import { findPaths, type UnopenedPaths } from '../../src/jobs/paths';
import type { StudentConfig } from '../../src/jobs/setup';
import { startEngine } from '../../src/runtime/engine';
import { readEvents, type EventWriter, type RunEventBody } from '../../src/store/events';
import { isHeldOutLoss, isTrainingLoss } from '../../src/store/loss-names';
import { readManifest } from '../../src/store/run';
import { experiment, scratchFolders } from './harness';

const scratchFolder = scratchFolders(experiment);

/** Steps and losses of a run. */
const curve = (runsDir: string, id: string, wanted: (name: string) => boolean): [number, number][] =>
  readEvents(path.join(runsDir, id)).flatMap((event) => (event.type === 'scalar' && wanted(event.name) ? [[event.step, event.value] as [number, number]] : []));

const NET = { kind: 'unet', channels: [16], blocks: 1, patch: 1 };
const student = (steps: number | number[], more: object = {}) => ({ steps, depth: 2, training: { steps: 300, batch: 32, learningRate: 0.01, checkpointEvery: 100, logEvery: 20 }, start: 'scratch', net: { kind: 'mlp', width: 64, blocks: 2 }, previews: false, ...more });
const few = { ...experiment, paths: { count: 12 }, students: [student(2)], evaluation: { ...experiment.evaluation, count: 8, samplers: ['sig-deg'] } };

test('a student of few paths is far better on them than on those that are held out, one of many is not', async () => {
  const last = async (count: number): Promise<{ ratio: number; steps: number[] }> => {
    // Pictures are simulated 64 at a time, points 2048.
    const scratch = scratchFolder({ ...few, dataset: { name: 'npy', path: 'pictures.npy' }, schedule: { fineSteps: 4 }, teacher: { net: NET, training: { steps: 20, batch: 32, learningRate: 0.002 } }, paths: { count }, students: [student(2, { net: NET })] });
    fs.writeFileSync(path.join(scratch.dir, 'pictures.npy'), encodeNpy({ shape: [32, 2, 2, 1], data: Float32Array.from({ length: 128 }, (_, i) => Math.sin(i * i)) }));
    const { student: id } = await scratch.distil();
    const heldOut = curve(scratch.runsDir, id, isHeldOutLoss);
    return { ratio: heldOut.at(-1)![1] / curve(scratch.runsDir, id, isTrainingLoss).at(-1)![1], steps: heldOut.map(([step]) => step) };
  };
  const [overfitted, sound] = [await last(64), await last(512)];
  expect(overfitted.steps).toEqual([100, 200, 300]);
  expect(overfitted.ratio).toBeGreaterThan(10);
  expect(sound.ratio).toBeLessThan(2);
  expect(sound.ratio).toBeGreaterThan(0.5);
});

test.each([
  ['local pairs', { paths: { kind: 'local', count: 4200, subSteps: 2 }, students: [student([1, 2, 3])] }],
  ['a recurrent student that is tuned through time', { students: [student([1, 2], { recurrence: 'previous', tuning: { steps: 20, batch: 8, learningRate: 0.001 } })] }],
])('%s: it is there, too', async (_, change) => {
  const scratch = scratchFolder({ ...few, ...change });
  const { teacher, student: id } = await scratch.distil();
  const found = curve(scratch.runsDir, id, isHeldOutLoss);
  expect(found.length).toBeGreaterThanOrEqual(3);
  for (const [, loss] of found) expect(loss).toBeGreaterThan(0);
  if (!('paths' in change)) return;
  // All intervals are taught alike, whatever the number of pairs; of those that divide well it is a whole number of chunks.
  await startEngine('cpu');
  const config = readManifest(path.join(scratch.runsDir, id)).config as unknown as StudentConfig;
  const unopened = [1, 2, 3].map((steps) => findPaths(scratch.runsDir, teacher, config, { steps, grid: 'quad' }, 'training'));
  const told: RunEventBody[] = [];
  const events = { append: (event: RunEventBody) => { told.push(event); } } as unknown as EventWriter;
  const opened = await openPaths({ events, interrupted: () => false }, unopened);
  expect(opened!.map(({ shards }) => shards.map((shard) => ('interval' in shard ? [shard.interval, shard.count] : [])))).toEqual([
    [[0, 2048], [0, 2048], [0, 2048]],
    [0, 1, 0, 1].map((interval) => [interval, 1050]),
    [0, 1, 2].map((interval) => [interval, 2048]),
  ]);
  expect(told).toEqual([]);

  // Of a set that takes long to read it is told how far it is, and a stop is not kept waiting until its end.
  const slow = unopened.map((set): UnopenedPaths => ({ ...set, open: (chunk) => (Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600), set.open(chunk, pathMemory())) }));
  let asked = 0;
  expect(await openPaths({ events, interrupted: () => asked++ === 5 }, slow)).toBeUndefined();
  expect(asked).toBe(6);
  expect(told).toEqual([2, 4].map((step) => ({ type: 'progress', step, steps: 10, phase: 'checking paths' })));
});
