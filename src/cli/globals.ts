/** Options that go with every command, and what follows from them. */
import type { Command } from 'commander';
import * as os from 'node:os';
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import type { LaunchOptions } from '../launch/local';
import { ENGINE_NAMES } from '../runtime/engine-names';
import { Output } from './output';

interface Values {
  readonly runsDir: string;
  readonly engine: string;
  readonly processes: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export interface Globals {
  readonly runsDir: string;
  readonly output: Output;
  /** @throws SigdegError BAD_USAGE for an unknown engine or a wrong number. */
  launch(): LaunchOptions;
}

export function addGlobalOptions(program: Command): void {
  program
    .option('--runs-dir <dir>', 'where runs are kept', path.join('.sigdeg', 'runs'))
    .option('--engine <name>', `auto, ${ENGINE_NAMES.join(', ')}`, 'auto')
    .option('--processes <n>', 'processes of a simulation on the wasm and cpu engines', String(os.availableParallelism()))
    .option('--json', 'one JSON value on stdout')
    .option('--verbose', 'stack traces');
}

export function globalsOf(program: Command): Globals {
  const { runsDir, engine, processes, json, verbose } = program.opts<Values>();
  return {
    runsDir,
    output: new Output(process, { json: json === true, verbose: verbose === true }),
    launch() {
      if (engine !== 'auto' && !ENGINE_NAMES.some((name) => name === engine)) {
        throw new SigdegError('BAD_USAGE', `--engine: expected auto, ${ENGINE_NAMES.join(' or ')}, found '${engine}'`);
      }
      return { engine, processes: whole('--processes', processes), verbose: verbose === true };
    },
  };
}

/** The integer that an option was given. @throws SigdegError BAD_USAGE. */
export function whole(option: string, text: string, least = 1): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least) {
    throw new SigdegError('BAD_USAGE', `${option}: expected an integer of at least ${least}, found '${text}'`);
  }
  return value;
}
