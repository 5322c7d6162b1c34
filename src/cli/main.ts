import { Command, CommanderError } from 'commander';
import { SigdegError } from '../core/errors';
import { VERSION } from '../version';
import { addDemo, addDistill } from './commands/distill';
import { addEvaluate } from './commands/evaluate';
import { addExport } from './commands/export';
import { addImport } from './commands/import';
import { addModels } from './commands/models';
import { addRunCommands } from './commands/runs';
import { addRuntime } from './commands/runtime';
import { addSample } from './commands/sample';
import { addGlobalOptions } from './globals';
import { exitStatus, Output } from './output';

const program = new Command('sigdeg')
  .description('Distils a diffusion model into a student of a few steps and shows what that costs and gains.')
  .version(VERSION)
  .exitOverride()
  // What is wrong with the words is said once, by us.
  .configureOutput({ outputError: () => undefined })
  .showSuggestionAfterError();
addGlobalOptions(program);
for (const add of [addDistill, addSample, addEvaluate, addModels, addImport, addExport, addRunCommands, addRuntime, addDemo]) add(program);

/** Words that commander does not understand, as our own kind of error. Undefined for `--help` and `--version`, which it has answered already. */
function usageError(error: CommanderError): SigdegError | undefined {
  if (error.exitCode === 0) return undefined;
  if (error.code === 'commander.help') return new SigdegError('BAD_USAGE', 'expected a command, found none: see sigdeg --help');
  const [what = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
  const hint = hints.map((line) => line.trim()).filter((line) => line !== '').join(' ');
  const command = program.commands.map((one) => one.name()).find((name) => process.argv.includes(name));
  return new SigdegError('BAD_USAGE', hint === '' ? `${what.replace(/\.$/, '')}: see sigdeg ${command === undefined ? '' : `${command} `}--help` : `${what} ${hint}`);
}

function fail(error: unknown): void {
  const failure = error instanceof CommanderError ? usageError(error) : error;
  if (failure === undefined) return;
  // Asked of the words themselves: those that do not parse have no options.
  const asked = (option: string): boolean => process.argv.includes(option);
  new Output(process, { json: asked('--json'), verbose: asked('--verbose') }).failure(failure);
  process.exitCode = exitStatus(failure);
}

// `sigdeg runs | head -1`: the reader has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
process.stderr.on('error', () => undefined);
for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(kind, (error: unknown) => {
    fail(error);
    process.exit();
  });
}

program.parseAsync().catch(fail);
