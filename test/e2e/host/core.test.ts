/** Inside the real editor: jobs from their start to pause, stop and end. */
import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { suite, test } from 'mocha';
import * as vscode from 'vscode';
import type { Api } from '../../../src/extension/main';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

async function until<T>(look: () => T | undefined | false, what: string, seconds = 60): Promise<T> {
  for (const deadline = Date.now() + 1000 * seconds; Date.now() < deadline;) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    await sleep(50);
  }
  throw new Error(`never saw ${what}`);
}

const extension = (): vscode.Extension<Api> => vscode.extensions.getExtension<Api>('sig-deg.sig-deg-explorer')!;
const folder = (): string => vscode.workspace.workspaceFolders![0]!.uri.fsPath;
const command = (name: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(`sigdeg.${name}`, ...args);

/** An experiment file in the workspace, of two students that are distilled in seconds. */
function writeExperiment(name: string, teacherSteps: number): vscode.Uri {
  const training = { steps: 40, batch: 32, learningRate: 0.002, checkpointEvery: 20, logEvery: 5 };
  const file = path.join(folder(), `${name}.sigdeg.json`);
  fs.writeFileSync(file, JSON.stringify({
    dataset: { name: 'moons', count: 200 }, schedule: { fineSteps: 8 },
    teacher: { net: { kind: 'mlp', width: 8, blocks: 1 }, training: { ...training, steps: teacherSteps } },
    paths: { count: 64 }, students: [{ steps: 2, depth: 2, training }],
    evaluation: { count: 64, seeds: 3, steps: [2], samplers: ['ddpm', 'sig-deg'], grids: ['quad'] },
  }));
  return vscode.Uri.file(file);
}

suite('core', () => {
  test('a file is distilled, with a pause on the way, and its runs are known', async () => {
    const { jobs, runs } = (await extension().activate()).services;
    await command('distillModel', writeExperiment('paused', 10_000));
    const job = await until(() => jobs.all.find(({ title }) => title === 'paused'), 'the job');
    const teacher = await until(() => runs.all().find(({ kind, name, state, step }) => kind === 'teacher' && name === 'paused' && state === 'running' && step > 0), 'the teacher running');
    await command('pause', { runId: teacher.id });
    await until(() => runs.get(teacher.id)?.state === 'paused', 'the pause');
    const { step } = runs.get(teacher.id)!;
    await sleep(1000);
    assert.equal(runs.get(teacher.id)!.step, step);
    await command('resume', { runId: teacher.id });
    await job.ended;
    assert.equal(job.state, 'done', job.error);
    runs.refresh();
    await until(() => job.runs.length === 4 && job.runs.every((id) => runs.get(id)?.state === 'done'), 'four finished runs');
  });

  test('a job is stopped with a checkpoint, and Resume goes on with all that follows', async () => {
    const { jobs, runs } = (await extension().activate()).services;
    await command('distillModel', writeExperiment('stopped', 12_000));
    const teacher = await until(() => runs.all().find(({ kind, name, state, step }) => kind === 'teacher' && name === 'stopped' && state === 'running' && step > 0), 'the teacher running');
    await command('stop', { runId: teacher.id });
    await until(() => jobs.all.find(({ title, state }) => title === 'stopped' && state === 'stopped'), 'the end of the job');
    await until(() => runs.get(teacher.id)?.state === 'stopped', 'the stop');
    await command('resume', { runId: teacher.id });
    const job = await until(() => jobs.all.find(({ title, state }) => title === 'stopped' && (state === 'running' || state === 'done')), 'the second job');
    await job.ended;
    assert.equal(job.state, 'done', job.error);
    assert.equal(job.runs[0], teacher.id);
  });

  test('a file with errors starts no job', async () => {
    const { jobs } = (await extension().activate()).services;
    const before = jobs.all.length;
    const file = path.join(folder(), 'wrong.sigdeg.json');
    fs.writeFileSync(file, '{ "dataset": { "name": "nothing" } }');
    await command('distillModel', vscode.Uri.file(file));
    assert.equal(jobs.all.length, before);
  });

  test('three choices lead from nothing to a running job, by keyboard alone', async () => {
    const { jobs } = (await extension().activate()).services;
    // A file that is open would be proposed first.
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    void command('distillModel');
    // Each box takes a moment to come; a key that comes too early does nothing.
    for (let key = 0; key < 3; key++) {
      await sleep(1500);
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    }
    const job = await until(() => jobs.all.find(({ title }) => title.startsWith('8-gaussians')), 'the job');
    const written = JSON.parse(fs.readFileSync(path.join(folder(), `${job.title}.sigdeg.json`), 'utf8')) as { students: unknown[] };
    assert.equal(written.students.length, 2);
    await until(() => job.runs.length > 0, 'its first run');
    jobs.stop(job);
    await job.ended;
    assert.equal(job.state, 'stopped', job.error);
  });
});
