/** Commands that start jobs: an experiment's runs, or one run of their own; with progress on stderr and Ctrl-C. */
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import { loadExperiment } from '../jobs/experiment-file';
import { distill, type DistillResult } from '../launch/distill';
import { runToEnd } from '../launch/run-to-end';
import { versions } from '../launch/versions';
import { hashJson, type JsonValue } from '../store/hash';
import { createRun, type RunKind } from '../store/run';
import type { Globals } from './globals';
import { catchInterrupts, type Interrupt } from './interrupt';
import { ProgressDisplay } from './progress';

/** Runs what is missing of an experiment file. @throws SigdegError when a run failed or was stopped. */
export async function runExperiment(globals: Globals, file: string, sets: readonly string[]): Promise<DistillResult & { name: string }> {
  const { experiment, baseDir } = loadExperiment(file, sets);
  const launch = globals.launch();
  return watched(async (display, { stop, kill }) => {
    const result = await distill({
      experiment, baseDir, file: path.resolve(file), runsDir: globals.runsDir, launch, stop, kill,
      onRun: (run, action, index, total) => {
        display.line(`${index + 1}/${total} ${titleOf(run)}: ${action}`);
        if (action === 'reuse') return;
        globals.announce(run.id);
        display.begin(titleOf(run));
      },
      onEvent: (run, event) => { display.event(titleOf(run), event); },
    });
    failIfBad(result);
    return { ...result, name: experiment.name };
  });
}

const titleOf = ({ kind, name }: { kind: string; name: string }): string => `${kind} ${name}`;

/** Makes a run of its own (samples, an evaluation) and waits for it. @returns its folder */
export async function runAlone(globals: Globals, spec: { kind: RunKind; name: string; config: object; parents: string[]; seed: number }): Promise<string> {
  const launch = globals.launch();
  const config = JSON.parse(JSON.stringify(spec.config)) as JsonValue;
  const { dir } = createRun(globals.runsDir, { ...spec, config, configHash: hashJson(config), experiment: null, experimentFile: null, versions: versions(), engine: launch.engine });
  await resumeRun(globals, dir, spec.kind);
  return dir;
}

/** Executes the run of a folder to its end. @throws SigdegError when it failed or was stopped. */
export async function resumeRun(globals: Globals, dir: string, title: string): Promise<void> {
  const launch = globals.launch();
  globals.announce(path.basename(dir));
  await watched(async (display, { stop, kill }) => {
    display.begin(title);
    const end = await runToEnd(dir, launch, { onEvent: (event) => { display.event(title, event); }, stop, kill });
    failIfBad({ stopped: end.state === 'stopped', ...(end.error ? { error: end.error } : {}) });
  });
}

async function watched<T>(work: (display: ProgressDisplay, interrupt: Interrupt) => Promise<T>): Promise<T> {
  const display = new ProgressDisplay(process.stderr);
  const interrupt = catchInterrupts((line) => { display.line(line); });
  try {
    return await work(display, interrupt);
  } finally {
    display.end();
    interrupt.release();
  }
}

function failIfBad({ error, stopped }: { error?: SigdegError; stopped: boolean }): void {
  if (error) throw error;
  if (stopped) throw new SigdegError('INTERRUPTED', 'stopped: the same command again goes on from there');
}
