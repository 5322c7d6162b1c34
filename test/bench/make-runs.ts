/** Run folders as the jobs leave them, without any job: experiments of a teacher, its paths, students, samples and an evaluation. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { EvaluationRow } from '../../src/store/evaluation-row';
import { RUN_FORMAT, type RunKind, type RunManifest } from '../../src/store/run';
import type { RunEventBody } from '../../src/store/events';

const KINDS: readonly RunKind[] = ['teacher', 'paths', 'student', 'student', 'student', 'samples', 'samples', 'evaluation'];
const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

const TRAINING = { steps: 2500, batch: 512, learningRate: 0.003, warmup: 100, clip: 1, ema: 0.998, checkpointEvery: 500, logEvery: 25 };
const COMMON = {
  seed: 0, baseDir: '', dataset: { name: '8-gaussians' },
  schedule: { name: 'vp-linear', betaMin: 0.1, betaMax: 20, tMin: 0.001, fineSteps: 1000 },
  teacher: { net: { kind: 'mlp', width: 64, blocks: 2 }, prediction: 'v', training: TRAINING },
};

/** Makes `count` finished runs in `runsDir`. @returns their ids, oldest first */
export function makeRuns(runsDir: string, count: number, events = 120): string[] {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const kind = KINDS[i % KINDS.length]!;
    const number = Math.floor(i / KINDS.length);
    const experiment = `experiment-${String(number).padStart(4, '0')}`;
    const first = i - (i % KINDS.length);
    const [teacher, paths] = ids.slice(first, first + 2);
    const students = ids.slice(first + 2, first + 5);
    const known: Readonly<Record<typeof kind, readonly (string | undefined)[]>> = { teacher: [], paths: [teacher], student: [teacher, paths], samples: [students[0]], evaluation: [teacher, ...students] };
    const parents = known[kind].filter((id): id is string => id !== undefined);
    const steps = [3, 5, 10][(i % KINDS.length) - 2] ?? 5;
    const config = {
      teacher: COMMON,
      paths: { ...COMMON, paths: { kind: 'full', count: 12288, subSteps: 16 }, views: [] },
      student: { ...COMMON, student: { steps, depth: 3, start: 'teacher', recurrence: 'shared', grid: 'quad', training: TRAINING, name: `${steps}-steps-depth-3` } },
      samples: { model: parents[0] ?? '', sampler: 'sig-deg', steps, n: 64, seed: 1 },
      evaluation: { ...COMMON, evaluation: { count: 8192, seeds: 3, samplers: ['ddim', 'sig-deg'], steps: [3, 5, 10] } },
    }[kind];
    ids.push(makeRun(runsDir, {
      kind, name: kind === 'student' ? `${experiment}-${steps}-steps-depth-3` : experiment, experiment: kind === 'samples' ? null : experiment, parents, config,
      created: new Date(START + i * MINUTE).toISOString(),
    }, kind === 'evaluation' ? evaluationEvents(teacher!, students) : kind === 'samples' ? samplesEvents() : trainingEvents(events)));
  }
  return ids;
}

export type RunFixture = Partial<RunManifest> & Pick<RunManifest, 'kind' | 'name'>;

/** One run's folder. @returns its id */
export function makeRun(runsDir: string, fixture: RunFixture, events: readonly RunEventBody[]): string {
  const created = fixture.created ?? new Date(START).toISOString();
  const id = fixture.id ?? `${created.replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-${fixture.kind}-${fixture.name}`;
  const manifest: RunManifest = {
    format: RUN_FORMAT, experiment: null, experimentFile: null, config: {}, configHash: id, seed: 0, parents: [], versions: { sigdeg: '0.1.0' }, engine: 'wasm', ...fixture, created, id,
  };
  const dir = path.join(runsDir, id);
  fs.mkdirSync(dir, { recursive: true });
  fs.writeFileSync(path.join(dir, 'run.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  fs.writeFileSync(path.join(dir, 'events.jsonl'), eventLines(events));
  return id;
}

/** Lines of events.jsonl. */
export const eventLines = (events: readonly RunEventBody[], first = 0): string => events.map((event, i) => `${JSON.stringify({ seq: first + i, time: START + 1000 * (first + i), ...event })}\n`).join('');

function trainingEvents(count: number): RunEventBody[] {
  const middle = Array.from({ length: count / 2 }, (_, i): RunEventBody[] => [
    { type: 'scalar', name: 'train.loss', step: 25 * (i + 1), value: 0.4 + 1 / (i + 1) },
    { type: 'progress', step: 25 * (i + 1), steps: (25 * count) / 2, phase: 'train' },
  ]);
  return [{ type: 'state', state: 'running' }, { type: 'log', level: 'info', message: 'engine wasm 4.22.0 (asked for)' }, ...middle.flat(), { type: 'state', state: 'done' }];
}

const samplesEvents = (): RunEventBody[] => [
  { type: 'state', state: 'running' }, { type: 'progress', step: 1, steps: 1, phase: 'sampling' },
  { type: 'image', name: 'samples', step: 5, path: 'samples/grid.png' }, { type: 'state', state: 'done' },
];

function evaluationEvents(teacher: string, students: readonly string[]): RunEventBody[] {
  const contestants = [...students.map((run, i) => ({ run, sampler: 'sig-deg', steps: [3, 5, 10][i]!, depth: 3 })), ...[3, 5, 10].map((steps) => ({ run: teacher, sampler: 'ddim', steps, depth: null }))];
  const rows = contestants.flatMap((contestant, i) => [0, 1, 2].map((seed): RunEventBody => ({ type: 'eval', row: evaluationRow({ ...contestant, seed, value: 0.05 + 0.01 * i + 0.001 * seed }) })));
  return [{ type: 'state', state: 'running' }, ...rows, { type: 'progress', step: contestants.length, steps: contestants.length, phase: 'metrics' }, { type: 'state', state: 'done' }];
}

export const evaluationRow = (row: Pick<EvaluationRow, 'run' | 'sampler' | 'steps' | 'value'> & Partial<EvaluationRow>): EvaluationRow => ({
  nfe: row.steps, n: 8192, seed: 0, metric: 'swd', floor: { median: 0.06, min: 0.03, max: 0.065 }, seconds: 1, grid: 'quad', settings: { lowerOrderFinal: true, clamp: false },
  depth: null, weights: 'ema', units: 'model', reference: 'teacher ddpm@1000', ...row,
});
