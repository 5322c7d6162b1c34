/**
 * VS Code itself, as the npm package `code-server`: the same editor and extension host, with its window in a browser. Its install scripts are not run:
 * they download, and build modules that Linux never loads; here is what of them is needed.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { command, npm, npmCli } from './command';
import { program } from './debian';
import { CACHE, CODE_SERVER, NODE, NODE_HOME, NODE_MAJOR, SERVER } from './places';

function link(target: string, file: string): void {
  fs.rmSync(file, { force: true });
  fs.symlinkSync(target, file);
}

function emptyPackage(dir: string): void {
  fs.mkdirSync(dir, { recursive: true });
  fs.writeFileSync(path.join(dir, 'package.json'), '{ "private": true }\n');
}

/** The machine's own Node when it is the right one and has its headers, else the one that npm has. */
export async function linkNode(): Promise<void> {
  let home = path.dirname(path.dirname(fs.realpathSync(process.execPath)));
  if (Number(process.versions.node.split('.')[0]) !== NODE_MAJOR || !fs.existsSync(path.join(home, 'include', 'node', 'node.h'))) {
    const dir = path.join(CACHE, 'runtime');
    emptyPackage(dir);
    const name = `node-${process.platform}-${process.arch}`;
    await npm(dir, 'install', `${name}@${NODE_MAJOR}`);
    home = path.join(dir, 'node_modules', name);
  }
  link(home, NODE_HOME);
}

export async function installServer(): Promise<void> {
  emptyPackage(SERVER.dir);
  await npm(SERVER.dir, 'install', `code-server@${CODE_SERVER}`);
  await npm(SERVER.vscode, 'install', '--omit=dev');
  await npm(path.join(SERVER.vscode, 'extensions'), 'install', '--omit=dev');
  link('node_modules', path.join(SERVER.vscode, 'node_modules.asar'));
  link('code-linux.sh', path.join(SERVER.vscode, 'bin', 'remote-cli', 'code-server'));
  link('browser-linux.sh', path.join(SERVER.vscode, 'bin', 'helpers', 'browser.sh'));
  const ripgrep = path.join(SERVER.vscode, 'node_modules', '@vscode', 'ripgrep', 'bin');
  fs.mkdirSync(ripgrep, { recursive: true });
  fs.copyFileSync(program('rg'), path.join(ripgrep, 'rg'));
}

/** The modules that the server loads at its start, and the terminal's. node-gyp and Node's headers are the ones that are here. */
export async function buildNatives(): Promise<void> {
  const gyp = path.join(path.dirname(npmCli()), '..', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const env = { npm_config_nodedir: NODE_HOME, npm_config_node_gyp: gyp, PATH: `${path.dirname(NODE)}${path.delimiter}${process.env['PATH'] ?? ''}` };
  for (const name of ['node-pty', 'native-watchdog', '@vscode/spdlog']) {
    const cwd = path.join(SERVER.vscode, 'node_modules', name);
    await command(NODE, [gyp, 'rebuild', `--nodedir=${NODE_HOME}`], { cwd, env });
    fs.rmSync(path.join(cwd, 'build', 'Release', 'obj.target'), { recursive: true, force: true });
  }
  const argon2 = path.join(SERVER.dir, 'node_modules', 'argon2');
  await command(NODE, [path.join('..', '.bin', 'node-pre-gyp'), 'rebuild', '--build-from-source'], { cwd: argon2, env });
  await command(NODE, ['-e', 'require("argon2")'], { cwd: argon2 });
}
