/**
 * The job process: `worker.js RUN_DIR --engine E --processes N` executes a run, `worker.js --tasks` does single tasks for such a process, and
 * `worker.js --probe --engine E` tries an engine and `worker.js --onnx REQUEST` asks ONNX Runtime, so that one that crashes takes nobody with it.
 */
import { parseArgs } from 'node:util';
import { messageOf, SigdegError } from './core/errors';
import { answerOnnx, type OnnxRequest } from './jobs/onnx-tasks';
import { runJob } from './jobs/run-job';
import { runTask } from './jobs/tasks';
import { Control } from './launch/control';
import { openExecutor } from './launch/executor';
import { serveTasks } from './launch/task-server';
import { startEngine } from './runtime/engine';
import { isEngineChoice, type EngineChoice } from './runtime/engine-names';
import { probeEngine } from './runtime/probe';
import { diskError } from './store/disk-error';
import { EventWriter } from './store/events';
import { startHeartbeat } from './store/heartbeat';
import { acquireLease } from './store/lease';
import { readManifest } from './store/run';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tasks: { type: 'boolean' }, probe: { type: 'boolean' }, package: { type: 'string' }, onnx: { type: 'string' },
    engine: { type: 'string', default: 'auto' }, processes: { type: 'string', default: '1' }, verbose: { type: 'boolean' },
  },
});

// Ctrl-C may reach every process of a terminal; the parent turns it into a wish in the control file.
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
// The parent that read our stderr may be gone: its run goes on without it.
process.stderr.on('error', () => undefined);
for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(kind, (error: unknown) => {
    report(error);
    process.exit(1);
  });
}

function engineChoice(): EngineChoice {
  if (!isEngineChoice(values.engine)) throw new SigdegError('BAD_USAGE', `no engine is called '${values.engine}'`);
  return values.engine;
}

/** The last line on stderr says why this process failed, as `CODE: message`. */
function report(error: unknown): void {
  const { code, message } = described(error);
  if (values.verbose === true && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.stderr.write(`${code}: ${message}\n`);
}

function described(error: unknown): { code: string; message: string } {
  const known = diskError(error);
  return { code: known instanceof SigdegError ? known.code : 'INTERNAL', message: messageOf(known).replace(/\s*\n\s*/g, ' ') };
}

async function execute(dir: string): Promise<void> {
  const choice = engineChoice();
  const manifest = readManifest(dir);
  const lease = acquireLease(dir);
  const endHeartbeat = startHeartbeat(lease);
  let terminated = false;
  process.on('SIGTERM', () => { terminated = true; });
  let events: EventWriter | undefined;
  let executor: ReturnType<typeof openExecutor> | undefined;
  try {
    events = EventWriter.open(dir);
    events.append({ type: 'state', state: 'running' });
    const engine = await startEngine(choice);
    events.append({ type: 'log', level: 'info', message: `engine ${engine.name} ${engine.version} (${engine.why})` });
    const cores = Number(values.processes);
    executor = openExecutor((task) => runTask(task, engine), engine, cores);
    const written = events;
    const control = new Control({ dir, check: () => { lease.check(); }, append: (event) => { written.append(event); }, terminated: () => terminated });
    const state = await runJob({ dir, manifest, events, engine, executor, cores, interrupted: () => control.interrupted(), pause: () => control.pause() });
    events.append({ type: 'state', state });
  } catch (error) {
    report(error);
    process.exitCode = 1;
    // The events of a run that another process has taken over are no longer ours to write.
    lease.check();
    events?.append({ type: 'state', state: 'failed', error: described(error) });
  } finally {
    endHeartbeat();
    executor?.close();
    try {
      events?.close();
    } finally {
      lease.release();
    }
  }
}

async function main(): Promise<void> {
  if (values.tasks === true) {
    await serveTasks(async () => {
      const engine = await startEngine(engineChoice());
      return (task) => runTask(task, engine);
    }, report);
    return;
  }
  if (values.probe === true) {
    process.stdout.write(`${JSON.stringify(await probeEngine(engineChoice(), values.package))}\n`);
    return;
  }
  if (values.onnx !== undefined) {
    process.stdout.write(`${JSON.stringify(await answerOnnx(JSON.parse(values.onnx) as OnnxRequest))}\n`);
    return;
  }
  await execute(positionals[0] ?? '.');
}

main().catch((error: unknown) => {
  report(error);
  process.exitCode = 1;
});
