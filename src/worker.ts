/** The job process: `worker.js RUN_DIR --engine E --processes N` executes a run; `worker.js --tasks` does single tasks for such a process. */
import { parseArgs } from 'node:util';
import { messageOf, SigdegError } from './core/errors';
import { runJob } from './jobs/run-job';
import { runTask } from './jobs/tasks';
import { InProcessExecutor } from './launch/in-process';
import { ProcessPool } from './launch/pool';
import { serveTasks } from './launch/task-server';
import { startEngine } from './runtime/engine';
import type { EngineChoice } from './runtime/engine-names';
import { readControl } from './store/control';
import { EventWriter } from './store/events';
import { acquireLease } from './store/lease';
import { readManifest } from './store/run';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tasks: { type: 'boolean' }, engine: { type: 'string', default: 'auto' }, processes: { type: 'string', default: '1' }, verbose: { type: 'boolean' } },
});
const choice = values.engine as EngineChoice;

// The terminal sends Ctrl-C to every process of the group; the parent turns it into a wish in the control file.
process.on('SIGINT', () => undefined);

function report(error: unknown): void {
  const code = error instanceof SigdegError ? error.code : 'INTERNAL';
  if (values.verbose === true && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.stderr.write(`${code}: ${messageOf(error).replace(/\s*\n\s*/g, ' ')}\n`);
}

async function execute(dir: string): Promise<void> {
  const manifest = readManifest(dir);
  const lease = acquireLease(dir);
  const events = EventWriter.open(dir);
  const heartbeat = setInterval(() => { lease.beat(); }, 2000);
  let terminated = false;
  process.on('SIGTERM', () => { terminated = true; });
  let pool: ProcessPool | undefined;
  try {
    events.append({ type: 'state', state: 'running' });
    const engine = await startEngine(choice);
    events.append({ type: 'log', level: 'info', message: `engine ${engine.name} ${engine.version} (${engine.why})` });
    // TensorFlow uses all cores by itself.
    const processes = engine.name === 'tensorflow' ? 1 : Number(values.processes);
    if (processes > 1) pool = new ProcessPool({ processes, engine: engine.name });
    let asked = 0;
    let wish = false;
    const interrupted = (): boolean => {
      lease.beat();
      if (Date.now() - asked > 100) {
        asked = Date.now();
        wish = readControl(dir) === 'stop';
      }
      return wish || terminated;
    };
    const executor = pool ?? new InProcessExecutor((task) => runTask(task, engine));
    const state = await runJob({ dir, manifest, events, engine, executor, interrupted, processes });
    events.append({ type: 'state', state });
  } catch (error) {
    report(error);
    const code = error instanceof SigdegError ? error.code : 'INTERNAL';
    events.append({ type: 'state', state: 'failed', error: { code, message: messageOf(error) } });
    process.exitCode = 1;
  } finally {
    clearInterval(heartbeat);
    pool?.close();
    events.close();
    lease.release();
  }
}

async function main(): Promise<void> {
  if (values.tasks === true) {
    await serveTasks(async () => {
      const engine = await startEngine(choice);
      return (task) => runTask(task, engine);
    }, report);
    return;
  }
  try {
    await execute(positionals[0] ?? '.');
  } catch (error) {
    report(error);
    process.exitCode = 1;
  }
}

void main();
