import { Command, CommanderError } from 'commander';
import { SigdegError } from '../core/errors';
import { VERSION } from '../version';
import { addDemo, addDistill } from './commands/distill';
import { addRunCommands } from './commands/runs';
import { addRuntime } from './commands/runtime';
import { addSample } from './commands/sample';
import { addGlobalOptions, globalsOf } from './globals';

const program = new Command('sigdeg')
  .description('Distils a diffusion model into a student of a few steps and shows what that costs and gains.')
  .version(VERSION)
  .exitOverride();
addGlobalOptions(program);
for (const add of [addDistill, addSample, addRunCommands, addRuntime, addDemo]) add(program);

/** Exit status: 0 done, 1 failed, 2 bad usage. */
async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    globalsOf(program).output.failure(error);
    process.exitCode = error instanceof SigdegError && error.code === 'BAD_USAGE' ? 2 : 1;
  }
}

void main();
