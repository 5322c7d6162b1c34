import { Command, CommanderError } from 'commander';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import { samplerName } from '../diffusion/samplers/names';
import { decodeSafetensors } from '../formats/safetensors';
import { encodeNpy } from '../formats/npy';
import { loadExperiment } from '../jobs/experiment-file';
import { distill, type DistillResult } from '../launch/distill';
import { runToEnd } from '../launch/run-to-end';
import { versions } from '../launch/versions';
import { ENGINE_NAMES, startEngine } from '../runtime/engine';
import { installNative } from '../runtime/native-install';
import { hashJson } from '../store/hash';
import { readEvents } from '../store/events';
import { writeControl } from '../store/control';
import { createRun, findRun, listRuns, readRun, removeRun } from '../store/run';
import { VERSION } from '../version';
import { comparisonLines, comparisonTable } from './comparison';
import { catchInterrupts } from './interrupt';
import { Output } from './output';
import { ProgressDisplay } from './progress';
import { short, table } from './table';

interface Globals {
  runsDir: string;
  engine: string;
  processes: string;
  json?: boolean;
  verbose?: boolean;
}

const program = new Command('sigdeg')
  .description('Distils a diffusion model into a student of a few steps and shows what that costs and gains.')
  .version(VERSION)
  .option('--runs-dir <dir>', 'where runs are kept', path.join('.sigdeg', 'runs'))
  .option('--engine <name>', `auto, ${ENGINE_NAMES.join(', ')}`, 'auto')
  .option('--processes <n>', 'processes of a simulation on the wasm and cpu engines', String(os.availableParallelism()))
  .option('--json', 'one JSON value on stdout')
  .option('--verbose', 'stack traces')
  .exitOverride();

const globals = (): Globals => program.opts<Globals>();
const output = (): Output => new Output(process, { json: globals().json === true, verbose: globals().verbose === true });

function launchOptions(): { engine: string; processes: number; verbose: boolean } {
  const { engine, processes, verbose } = globals();
  if (engine !== 'auto' && !ENGINE_NAMES.some((name) => name === engine)) {
    throw new SigdegError('BAD_USAGE', `--engine: expected auto, ${ENGINE_NAMES.join(' or ')}, found '${engine}'`);
  }
  return { engine, processes: whole('--processes', processes), verbose: verbose === true };
}

function whole(option: string, text: string, least = 1): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new SigdegError('BAD_USAGE', `${option}: expected an integer of at least ${least}, found '${text}'`);
  return value;
}

async function runExperiment(file: string, sets: string[]): Promise<DistillResult & { name: string }> {
  const { experiment, baseDir } = loadExperiment(file, sets);
  const launch = launchOptions();
  const display = new ProgressDisplay(process.stderr);
  const interrupt = catchInterrupts((line) => { display.line(line); });
  try {
    const result = await distill({
      experiment, baseDir, runsDir: globals().runsDir, launch, stop: interrupt.stop, kill: interrupt.kill,
      onRun: (run, action, index, total) => {
        display.begin(`${run.kind} ${run.name}`);
        display.line(`${index + 1}/${total} ${run.kind} ${run.name}: ${action}`);
      },
      onEvent: (_, event) => { display.event(event); },
    });
    return { ...result, name: experiment.name };
  } finally {
    display.end();
    interrupt.release();
  }
}

function failIfBad({ error, stopped }: { error?: SigdegError; stopped: boolean }): void {
  if (error) throw error;
  if (stopped) throw new SigdegError('INTERRUPTED', 'stopped; the same command again goes on from there');
}

const evaluationRows = (runs: DistillResult['runs']) =>
  runs.filter((run) => run.kind === 'evaluation').flatMap((run) => readEvents(run.dir).flatMap((event) => (event.type === 'eval' ? [event.row] : [])));

/** A job of its own (samples, evaluation) that a command makes and waits for. */
async function ownRun(kind: 'samples' | 'evaluation', name: string, config: object, parents: string[], seed: number): Promise<string> {
  const launch = launchOptions();
  const { runsDir } = globals();
  const { dir } = createRun(runsDir, { kind, name, config: JSON.parse(JSON.stringify(config)) as never, configHash: hashJson(config), seed, parents, experiment: null, versions: versions(), engine: launch.engine });
  const display = new ProgressDisplay(process.stderr);
  const interrupt = catchInterrupts((line) => { display.line(line); });
  display.begin(kind);
  try {
    const end = await runToEnd(dir, launch, { onEvent: (event) => { display.event(event); }, stop: interrupt.stop, kill: interrupt.kill });
    failIfBad({ stopped: end.state === 'stopped', ...(end.error ? { error: end.error } : {}) });
  } finally {
    display.end();
    interrupt.release();
  }
  return dir;
}

program.command('distill <file>').description('run what is missing of an experiment: teacher, paths, students, evaluation')
  .option('--set <path=value>', 'change a value of the experiment', (value: string, all: string[]) => [...all, value], [])
  .action(async (file: string, { set }: { set: string[] }) => {
    const result = await runExperiment(file, set);
    failIfBad(result);
    const rows = evaluationRows(result.runs);
    const runs = result.runs.map(({ id, kind, state, dir }) => ({ id, kind, state, dir }));
    const newest = (kind: string): string | null => runs.filter((run) => run.kind === kind).at(-1)?.id ?? null;
    output().result({ experiment: result.name, teacher: newest('teacher'), student: newest('student'), runs }, comparisonTable(comparisonLines(rows)));
  });

program.command('sample <run>').description('draw samples from a teacher or a student')
  .option('--sampler <name>').option('--steps <n>').option('--grid <kind>').option('--n <n>', 'how many', '64').option('--seed <n>', 'noise', '0')
  .option('--brownian <kind>', 'shared (the same path as every other sampler) or simulated (student only, faster)', 'shared')
  .option('--out <file>', 'grid.png, x.npy or x.safetensors')
  .action(async (ref: string, options: Record<string, string | undefined>) => {
    const run = findRun(globals().runsDir, ref);
    const own = run.kind === 'student' ? (run.config as { student?: { steps?: number | number[] } }).student?.steps : undefined;
    const sampler = samplerName(options['sampler'] ?? (run.kind === 'student' ? 'sig-deg' : 'ddpm'));
    const steps = whole('--steps', options['steps'] ?? String([own ?? 1000].flat().at(-1)));
    const seed = whole('--seed', options['seed'] ?? '0', 0);
    const n = whole('--n', options['n'] ?? '64');
    const config = { model: run.id, sampler, steps, n, seed, brownian: options['brownian'], grid: options['grid'] };
    const out = options['out'];
    if (out !== undefined && !/\.(png|npy|safetensors)$/.test(out)) throw new SigdegError('BAD_USAGE', `--out: expected a name that ends in .png, .npy or .safetensors, found '${out}'`);
    const dir = await ownRun('samples', `${run.name}-${sampler}-${steps}`, config, [run.id], seed);
    const file = path.join(dir, 'samples', out?.endsWith('.png') === false ? 'samples.safetensors' : 'grid.png');
    if (out?.endsWith('.npy') === true) {
      const { shape, data } = decodeSafetensors(fs.readFileSync(file), file).tensors.get('samples')!;
      fs.writeFileSync(out, encodeNpy({ shape, data: data as Float32Array }));
    } else if (out !== undefined) fs.copyFileSync(file, out);
    const seconds = readEvents(dir).flatMap((e) => (e.type === 'scalar' && e.name === 'seconds' ? [e.value] : [])).at(-1) ?? 0;
    output().result({ run: path.basename(dir), sampler, steps, nfe: steps, n, seed, seconds, out: out ?? file }, `${n} samples, ${steps} steps of ${sampler}, ${short(seconds)} s: ${out ?? file}`);
  });

program.command('runs').description('list runs').action(() => {
  const runs = listRuns(globals().runsDir);
  output().result(
    runs.map(({ id, kind, name, state, created, parents, step, steps }) => ({ id, kind, name, state, created, parents, step, steps })),
    runs.length === 0 ? 'no runs yet: sigdeg distill media/examples/8-gaussians.sigdeg.json makes some' : table(runs, [
      { title: 'run', text: (r) => r.id }, { title: 'kind', text: (r) => r.kind }, { title: 'state', text: (r) => r.state },
      { title: 'step', align: 'right', text: (r) => (r.steps === 0 ? '-' : `${r.step}/${r.steps}`) },
    ]),
  );
});

program.command('show <run>').description('show a run').action((ref: string) => {
  const run = findRun(globals().runsDir, ref);
  const rows = readEvents(run.dir).flatMap((event) => (event.type === 'eval' ? [event.row] : []));
  const error = run.error ? `\n${run.error.code}: ${run.error.message}` : '';
  output().result({ ...run, rows }, rows.length > 0 ? comparisonTable(comparisonLines(rows)) : `${run.id}\n${run.kind}, ${run.state}, step ${run.step}/${run.steps}${error}\n${JSON.stringify(run.config, null, 2)}`);
});

program.command('stop <run>').description('ask a running job for a checkpoint and an end').action((ref: string) => {
  const run = findRun(globals().runsDir, ref);
  if (run.state !== 'running') throw new SigdegError('BAD_USAGE', `${run.id} does not run, it is ${run.state}`);
  writeControl(run.dir, 'stop');
  output().result({ run: run.id }, `${run.id} was asked to stop`);
});

program.command('resume <run>').description('go on with a run that was stopped, failed or lost').action(async (ref: string) => {
  const run = findRun(globals().runsDir, ref);
  if (run.state === 'done' || run.state === 'running') throw new SigdegError('BAD_USAGE', `${run.id} is ${run.state}: there is nothing to resume`);
  const display = new ProgressDisplay(process.stderr);
  display.begin(`${run.kind} ${run.name}`);
  const interrupt = catchInterrupts((line) => { display.line(line); });
  const end = await runToEnd(run.dir, launchOptions(), { onEvent: (event) => { display.event(event); }, stop: interrupt.stop, kill: interrupt.kill });
  display.end();
  interrupt.release();
  failIfBad({ stopped: end.state === 'stopped', ...(end.error ? { error: end.error } : {}) });
  output().result({ run: run.id, state: readRun(run.dir).state }, `${run.id}: done`);
});

program.command('rm <run>').description('delete a run').requiredOption('--yes', 'really').action((ref: string) => {
  const run = findRun(globals().runsDir, ref);
  removeRun(run.dir);
  output().result({ run: run.id }, `${run.id} deleted`);
});

const runtime = program.command('runtime').description('the engines');

runtime.command('install').description('build the native engine')
  .option('--from <dir>', 'the folder «tensorflow» of an installed TensorFlow').option('--python <file>', 'whose pip downloads TensorFlow', 'python3')
  .action(async ({ from, python }: { from?: string; python: string }) => {
    const result = await installNative({ python, onLog: (line) => { output().note(line); }, ...(from === undefined ? {} : { from }) });
    // A fresh process would be cleaner still; loading it here already proves that it computes.
    const { version } = await startEngine('tensorflow');
    output().result({ ...result, version }, `the native engine ${version} works: ${result.binding}`);
  });

runtime.command('status').description('which engines work here').action(async () => {
  const engines: { name: string; works: boolean; detail: string }[] = [];
  for (const name of ENGINE_NAMES) {
    try {
      engines.push({ name, works: true, detail: (await startEngine(name)).version });
    } catch (error) {
      engines.push({ name, works: false, detail: error instanceof Error ? error.message : String(error) });
    }
  }
  output().result({ engines }, table(engines, [{ title: 'engine', text: (e) => e.name }, { title: 'works', text: (e) => (e.works ? 'yes' : 'no') }, { title: 'detail', text: (e) => e.detail }]));
});

program.command('demo').description('the whole story: 8 gaussians from nothing to a student of 5 steps').action(async () => {
  const started = performance.now();
  const result = await runExperiment(path.join(__dirname, '..', 'media', 'examples', '8-gaussians.sigdeg.json'), []);
  failIfBad(result);
  const rows = evaluationRows(result.runs);
  const seconds = (performance.now() - started) / 1000;
  output().result({ rows, report: null, seconds }, `${comparisonTable(comparisonLines(rows))}\n${short(seconds)} s in all`);
});

async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    output().failure(error);
    process.exitCode = error instanceof SigdegError && error.code === 'BAD_USAGE' ? 2 : 1;
  }
}

void main();
