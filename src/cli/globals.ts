/** Options that go with every command, and what follows from them. */
import { Option, type Command } from 'commander';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import { nearest } from '../core/nearest';
import type { LaunchOptions } from '../launch/local';
import { ENGINE_NAMES } from '../runtime/engine-names';
import { Output } from './output';

interface Values {
  readonly runsDir: string;
  readonly engine: string;
  readonly processes?: string;
  readonly spareCores: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly announce?: string;
}

export interface Globals {
  readonly runsDir: string;
  readonly output: Output;
  /** @throws SigdegError BAD_USAGE for an unknown engine or a wrong number. */
  launch(): LaunchOptions;
  /** Says which run is begun or gone on with, for who asked by `--announce`. */
  announce(id: string): void;
}

export function addGlobalOptions(program: Command): void {
  program
    .option('--runs-dir <dir>', 'where runs are kept', path.join('.sigdeg', 'runs'))
    .option('--engine <name>', `auto, ${ENGINE_NAMES.join(', ')}`, 'auto')
    .option('--processes <n>', 'processes of a simulation (on a GPU there is one), students that train side by side, and threads of the metrics (default: as many as there are cores)')
    .addOption(new Option('--spare-cores <n>', 'cores that are left to other programs').env('SIGDEG_SPARE_CORES').default('0'))
    .option('--json', 'one JSON value on stdout')
    .option('--verbose', 'stack traces')
    .option('--announce <file>', 'append the id of every run that is begun or gone on with, a line each');
}

export function globalsOf(program: Command): Globals {
  const { runsDir, engine, processes, spareCores, json, verbose, announce } = program.opts<Values>();
  return {
    runsDir,
    output: new Output(process, { json: json === true, verbose: verbose === true }),
    announce(id) {
      if (announce !== undefined) fs.appendFileSync(announce, `${id}\n`);
    },
    launch() {
      const spare = whole('--spare-cores', spareCores, 0);
      return {
        engine: oneOf('--engine', engine, ['auto', ...ENGINE_NAMES]), processes: processes === undefined ? Math.max(1, os.availableParallelism() - spare) : whole('--processes', processes), spareCores: spare, verbose: verbose === true,
      };
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

/** The choice that an option was given. @throws SigdegError BAD_USAGE. */
export function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === text);
  if (choice !== undefined) return choice;
  const meant = nearest(text, choices);
  throw new SigdegError('BAD_USAGE', `${option}: expected ${choices.slice(0, -1).join(', ')} or ${choices.at(-1) ?? ''}, found '${text}'${meant === undefined ? '' : `, did you mean '${meant}'?`}`);
}

/** A number from 0 to `most`. @throws SigdegError BAD_USAGE */
export function amount(option: string, text: string, most = Infinity): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0 || value > most) {
    throw new SigdegError('BAD_USAGE', `${option}: expected a number of at least 0${most === Infinity ? '' : ` and at most ${most}`}, found '${text}'`);
  }
  return value;
}
