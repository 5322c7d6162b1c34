import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseExperiment } from '../../src/jobs/config';
import { planExperiment } from '../../src/jobs/plan';
import { findModel, readyModels } from '../../src/jobs/ready-models';
import { resolveExperimentIn } from '../../src/jobs/resolve-experiment';
import { EventWriter } from '../../src/store/events';
import { createRun, type RunKind } from '../../src/store/run';

const runsDir = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-find-'));
afterAll(() => { fs.rmSync(runsDir, { recursive: true }); });

/** A run of an experiment, finished unless it says otherwise. */
function add(kind: RunKind, name: string, experiment: string, steps?: number | number[], state: 'done' | 'failed' = 'done'): string {
  const { dir } = createRun(runsDir, { kind, name, experiment, experimentFile: null, config: steps === undefined ? {} : { student: { steps } }, configHash: name, seed: 0, parents: [], engine: 'cpu', versions: {} });
  const events = EventWriter.open(dir);
  events.append({ type: 'state', state });
  events.close();
  return path.basename(dir);
}

test('an experiment’s name stands for its newest finished student of the steps that are asked for, else for its newest', async () => {
  add('teacher', 'teacher', 'rings');
  add('student', 'old', 'rings', 5);
  const several = add('student', 'several', 'rings', [5, 10]);
  const three = add('student', 'three', 'rings', 3);
  add('student', 'broken', 'rings', [3, 5, 10], 'failed');
  const found = async (steps?: number): Promise<string> => (await findModel(runsDir, 'rings', steps)).id;
  expect([await found(5), await found(10), await found(3)]).toEqual([several, several, three]);
  expect([await found(), await found(7)]).toEqual([three, three]);
  // Its own name says exactly which one is meant, whatever it is for.
  expect((await findModel(runsDir, several, 3)).id).toBe(several);
  await expect(findModel(runsDir, 'ring', 5)).rejects.toThrow(/no run or experiment «ring» .*did you mean «rings»/);
});

test('a model that ships stands for its student of the steps; each of its runs has a name of its own', async () => {
  for (const { name, students } of readyModels()) {
    const [fewest, most] = [await findModel(runsDir, name, 1), await findModel(runsDir, name)];
    expect([fewest.kind, most.kind]).toEqual(['student', 'student']);
    expect(new Set([fewest.id, most.id, (await findModel(runsDir, name, 20)).id]).size).toBe(students.length);
    expect((await findModel(runsDir, most.name, 1)).id).toBe(most.id);
    expect((await findModel(runsDir, `${name}-teacher`, 5)).kind).toBe('teacher');
  }
});

test('an experiment may go on from a student that ships, which is added where it is not there yet', async () => {
  const [model] = readyModels();
  const training = { steps: 1, batch: 1, learningRate: 0.001 };
  const { student } = model!.students[0]!.config as { student: { depth: number } };
  const from = `${model!.name}-student-1-3`;
  const file = (more: object) => parseExperiment({ teacher: { from: `${model!.name}-teacher` }, students: [{ steps: 2, depth: student.depth, from, training, ...more }] }, 'more', 'more');
  const empty = path.join(runsDir, 'empty', 'runs');
  const plan = planExperiment(await resolveExperimentIn(empty, file({})), empty);
  expect(plan.map(({ key, kind, name }) => [key, kind, name]).slice(0, 2)).toEqual([['teacher', 'teacher', `${model!.name}-teacher`], ['origin-0', 'student', from]]);
  expect(plan.find(({ key }) => key === 'student-0')!.parents).toEqual(['teacher', 'paths', 'origin-0']);
  const deeper = await resolveExperimentIn(empty, file({ depth: 3 }));
  expect(() => planExperiment(deeper, empty)).toThrow(/students\[0\]\.depth: expected 16, which .* found 3/);
});
