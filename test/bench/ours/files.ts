/** Reading and writing: weights, event logs, folders of runs. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { SigdegError } from '../../../src/core/errors';
import { decodeSafetensors, encodeSafetensors, type TensorData } from '../../../src/formats/safetensors';
import { EventReader, EventWriter, type RunEventBody } from '../../../src/store/events';
import { listRuns } from '../../../src/store/run';
import { openRunIndex } from '../../../src/store/run-index';
import { makeRuns } from '../make-runs';
import { normals } from './nets';
import { openTraining } from './training';
import { timed, type OpenWork } from './work';

const TENSORS = 64;
const TENSOR_SIZE = 1 << 18;

/** A file of 64 tensors of 1 MiB each, from disk to arrays. */
export const openSafetensors: OpenWork = (_params, { scratch }) => {
  const file = path.join(scratch, 'weights.safetensors');
  const data = normals(TENSOR_SIZE, 6);
  fs.writeFileSync(file, encodeSafetensors(new Map(Array.from({ length: TENSORS }, (_, i): [string, TensorData] => [`layers.${i}.weight`, { dtype: 'F32', shape: [512, 512], data }]))));
  return {
    facts: { reference: file, bytes: 2 * 4 * TENSORS * TENSOR_SIZE },
    run: (iterations) => timed(iterations, () => { decodeSafetensors(fs.readFileSync(file), file); }),
  };
};

const EVENTS = 2000;
const scalar = (step: number): RunEventBody => ({ type: 'scalar', name: 'train.loss', step, value: 1 / (step + 1) });
const progressed = (step: number): RunEventBody => ({ type: 'progress', step, steps: 10_000, phase: 'train' });

/** Appends to a run's event log, up to the write. */
export const openEventAppend: OpenWork = (_params, { scratch }) => {
  const dir = fs.mkdtempSync(path.join(scratch, 'events-'));
  const writer = EventWriter.open(dir);
  return {
    facts: { units: EVENTS },
    run: (iterations) => timed(iterations, () => {
      for (let i = 0; i < EVENTS; i++) writer.append(scalar(i));
      writer.flush();
    }),
    close: () => { writer.close(); },
  };
};

/** Reads what was appended since the last look, as everything that follows a run does. */
export const openEventTail: OpenWork = (_params, { scratch }) => {
  const dir = fs.mkdtempSync(path.join(scratch, 'events-'));
  const writer = EventWriter.open(dir);
  const reader = new EventReader(dir);
  return {
    facts: { units: EVENTS },
    run(iterations) {
      let seconds = 0;
      for (let i = 0; i < iterations; i++) {
        for (let step = 0; step < EVENTS; step++) writer.append(scalar(step));
        writer.flush();
        const start = performance.now();
        const found = reader.read().length;
        seconds += (performance.now() - start) / 1000;
        if (found !== EVENTS) throw new SigdegError('INTERNAL', `expected ${EVENTS} events, found ${found}`);
      }
      return seconds;
    },
    close: () => { writer.close(); },
  };
};

const LOG_EVERY = 25;
const STEPS = 4 * LOG_EVERY;

/** The part of a training step that its event log takes: two events and their write every 25 steps, over the time of the steps. */
export const openEventShare: OpenWork = async (params, context) => {
  const training = await openTraining(params, context);
  const writer = EventWriter.open(fs.mkdtempSync(path.join(context.scratch, 'events-')));
  await training.run(STEPS);
  return {
    facts: {},
    async run(iterations) {
      let share = 0;
      for (let i = 0; i < iterations; i++) {
        const steps = await training.run(STEPS);
        const log = timed(STEPS / LOG_EVERY, (k) => {
          writer.append(scalar(k));
          writer.append(progressed(k));
          writer.flush();
        });
        share += log / steps;
      }
      return share;
    },
    async close() {
      writer.close();
      await training.close?.();
    },
  };
};

/** One made-up folder of runs for all that list it. */
export function runsFolder(scratch: string, count: number): string {
  const folder = path.join(scratch, `runs-${count}`);
  if (!fs.existsSync(folder)) makeRuns(folder, count);
  return folder;
}

/** All runs of a folder known to a fresh index, as when the editor opens. */
export const openRunsIndex: OpenWork = (params, { scratch }) => {
  const count = params['count'] as number;
  const folder = runsFolder(scratch, count);
  return {
    facts: {},
    async run(iterations) {
      let seconds = 0;
      for (let i = 0; i < iterations; i++) {
        const start = performance.now();
        const index = openRunIndex(folder);
        await index.ready;
        const found = index.all().length;
        seconds += (performance.now() - start) / 1000;
        index.close();
        if (found !== count) throw new SigdegError('INTERNAL', `expected ${count} runs, found ${found}`);
      }
      return seconds;
    },
  };
};

/** The same list at one go, as for the command line. */
export const openRunsList: OpenWork = (params, { scratch }) => {
  const folder = runsFolder(scratch, params['count'] as number);
  return { facts: {}, run: (iterations) => timed(iterations, () => { listRuns(folder); }) };
};
