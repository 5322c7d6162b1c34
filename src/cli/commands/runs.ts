/** Commands that look at runs and manage them. */
import type { Command } from 'commander';
import { SigdegError } from '../../core/errors';
import { findModel } from '../../jobs/ready-models';
import { isNewestSound } from '../../store/checkpoints';
import { readControl, writeControl } from '../../store/control';
import { findRun, listRuns, readRun, removeRun } from '../../store/run';
import { comparisonTable } from '../comparison';
import { rowsOf } from '../../store/events';
import { resumeRun } from '../execute';
import { globalsOf } from '../globals';
import { table } from '../table';

export function addRunCommands(program: Command): void {
  program.command('runs').description('list runs').action(() => {
    const { runsDir, output } = globalsOf(program);
    const runs = listRuns(runsDir, (error) => { output.note(`passed over: ${error.message}`); });
    output.result(
      runs.map(({ id, kind, name, state, created, parents, step, steps }) => ({ id, kind, name, state, created, parents, step, steps })),
      runs.length === 0 ? 'no runs yet: sigdeg distill media/examples/8-gaussians.sigdeg.json makes some' : table(runs, [
        { title: 'run', text: (r) => r.id }, { title: 'kind', text: (r) => r.kind }, { title: 'state', text: (r) => r.state },
        { title: 'step', align: 'right', text: (r) => (r.steps === 0 ? '-' : `${r.step}/${r.steps}`) },
      ]),
    );
  });

  program.command('show <run>').description("a run's state and config; of an evaluation its table").action(async (ref: string) => {
    const { runsDir, output } = globalsOf(program);
    const run = await findModel(runsDir, ref);
    const rows = rowsOf(run.dir);
    const error = run.error ? `\n${run.error.code}: ${run.error.message}` : '';
    output.result({ ...run, rows }, rows.length > 0 ? comparisonTable(rows) : `${run.id}\n${run.kind}, ${run.state}, step ${run.step}/${run.steps}${error}\n${JSON.stringify(run.config, null, 2)}`);
  });

  program.command('stop <run>').description('ask a running job for a checkpoint and an end').action((ref: string) => {
    const { runsDir, output } = globalsOf(program);
    const run = findRun(runsDir, ref);
    if (run.state !== 'running' && run.state !== 'paused') throw new SigdegError('BAD_USAGE', `${run.id} does not run, it is ${run.state}`);
    writeControl(run.dir, 'stop');
    output.result({ run: run.id }, `${run.id} was asked to stop`);
  });

  program.command('pause <run>').description('let a running job wait; «resume» lets it go on').action((ref: string) => {
    const { runsDir, output } = globalsOf(program);
    const run = findRun(runsDir, ref);
    if (run.state !== 'running') throw new SigdegError('BAD_USAGE', `${run.id} does not run, it is ${run.state}`);
    writeControl(run.dir, 'pause');
    output.result({ run: run.id }, `${run.id} was asked to pause: «sigdeg resume ${run.id}» lets it go on`);
  });

  program.command('resume <run>').description('go on with a run that is paused or was stopped, failed or lost').action(async (ref: string) => {
    const globals = globalsOf(program);
    const run = findRun(globals.runsDir, ref);
    if (run.state === 'paused' || (run.state === 'running' && readControl(run.dir) === 'pause')) {
      writeControl(run.dir, 'resume');
      globals.output.result({ run: run.id, state: 'running' }, `${run.id} was asked to go on`);
      return;
    }
    if (run.state === 'running' || (run.state === 'done' && isNewestSound(run.dir))) throw new SigdegError('BAD_USAGE', `${run.id} is ${run.state}: there is nothing to resume`);
    await resumeRun(globals, run.dir, `${run.kind} ${run.name}`);
    const { state } = readRun(run.dir);
    globals.output.result({ run: run.id, state }, `${run.id} is ${state}`);
  });

  program.command('rm <run>').description('delete a run').option('--yes', 'delete without asking').action((ref: string, { yes }: { yes?: boolean }) => {
    const { runsDir, output } = globalsOf(program);
    const run = findRun(runsDir, ref);
    const made = listRuns(runsDir).filter(({ parents }) => parents.includes(run.id));
    const orphans = made.length === 0 ? '' : `; ${made.length} ${made.length === 1 ? 'run was' : 'runs were'} made from it and cannot be sampled or evaluated without it (${made.slice(0, 3).map(({ id }) => id).join(', ')}${made.length > 3 ? '…' : ''})`;
    if (yes !== true) throw new SigdegError('BAD_USAGE', `rm deletes ${run.dir} for good, with its checkpoints${orphans}: add --yes to do so`);
    removeRun(run.dir);
    output.result({ run: run.id }, `${run.id} deleted${orphans}`);
  });
}
