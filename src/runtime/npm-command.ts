/** The user's own npm: the one that called us, that beside this Node, or that of the search path. */
import * as fs from 'node:fs';
import * as path from 'node:path';

const CLI = path.join('node_modules', 'npm', 'bin', 'npm-cli.js');

/** @returns the file and first words of a command that is npm, without a shell; undefined where there is none */
export function npmCommand(env: NodeJS.ProcessEnv = process.env, node = process.execPath): readonly [file: string, ...words: string[]] | undefined {
  const { npm_execpath: caller = '', PATH: searchPath = '' } = env;
  const folders = [path.dirname(node), ...searchPath.split(path.delimiter).filter((folder) => folder !== '')];
  const scripts = [
    ...(caller.endsWith('npm-cli.js') ? [caller] : []),
    // Windows has it beside node.exe, the others in lib beside bin.
    ...folders.flatMap((folder) => [path.join(folder, CLI), path.join(folder, '..', 'lib', CLI)]),
  ];
  const script = scripts.find((file) => fs.existsSync(file));
  if (script !== undefined) return [node, fs.realpathSync(script)];
  // Elsewhere the command is a script of its own (on Windows one that needs a shell).
  const command = process.platform === 'win32' ? undefined : folders.map((folder) => path.join(folder, 'npm')).find((file) => fs.existsSync(file));
  return command === undefined ? undefined : [command];
}
