// Every npm script goes through here: installs what is missing, builds, then runs. Needs nothing but Node.
import { spawnSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBench } from './bench.mjs';
import { buildModels } from './models.mjs';
import { buildFixture, buildPage } from './page.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const [what = 'build', ...args] = process.argv.slice(2);

/**
 * npm as the npm that called us; a shell is never needed.
 * @param {string[]} words
 */
function npm(...words) {
  const cli = process.env['npm_execpath'] ?? path.join(path.dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const { status } = spawnSync(process.execPath, [cli, ...words], { cwd: root, stdio: ['ignore', process.stderr, process.stderr] });
  if (status !== 0) process.exit(status ?? 1);
}

function install() {
  const stamp = path.join(root, 'node_modules', '.lock-hash');
  const hash = createHash('sha256').update(fs.readFileSync(path.join(root, 'package-lock.json'))).digest('hex');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === hash) return;
  process.stderr.write('installing packages (npm ci)\n');
  npm('ci', '--no-audit', '--no-fund', '--loglevel=error');
  fs.writeFileSync(stamp, hash);
}

async function build() {
  const { build: bundle } = await import('esbuild');
  await bundle({
    absWorkingDir: root, entryPoints: { cli: 'src/cli/main.ts', worker: 'src/worker.ts', heartbeat: 'src/store/heartbeat.ts', 'metric-threads': 'src/jobs/metric-threads.ts' }, outdir: 'dist', bundle: true, platform: 'node', target: 'node20',
    format: 'cjs', sourcemap: true, external: ['@tensorflow/*', '@resvg/*', '@fontsource/*'], logLevel: 'warning', banner: { js: '#!/usr/bin/env node' },
  });
  await bundle({
    absWorkingDir: root, entryPoints: { extension: 'src/extension/main.ts' }, outdir: 'dist', bundle: true, platform: 'node', target: 'node20',
    format: 'cjs', sourcemap: true, external: ['vscode', '@tensorflow/*', '@resvg/*', '@fontsource/*'], logLevel: 'warning',
    // A third of an activation is reading the text of the bundle.
    minify: true, keepNames: true,
    // Where a package has both, its modules: what it wrapped for other loaders cannot be bundled.
    mainFields: ['module', 'main'],
  });
}

/**
 * Runs a Node program of the project; Ctrl-C goes to it, and this process waits for it.
 * @param {string} file @param {string[]} words @returns {Promise<number>}
 */
function node(file, words) {
  process.on('SIGINT', () => undefined);
  const child = spawn(process.execPath, [path.join(root, file), ...words], { stdio: 'inherit' });
  return new Promise((resolve) => child.on('close', (code, signal) => {
    if (signal !== null) process.stderr.write(`${file} was ended by ${signal}\n`);
    resolve(code ?? 1);
  }));
}

/** One after the other until one fails. @param {Step[]} steps */
async function sequence(...steps) {
  for (const [file, ...words] of steps) {
    const code = await node(file, words);
    if (code !== 0) return code;
  }
  return 0;
}

/** @typedef {[file: string, ...words: string[]]} Step */
/** @type {Step} */
const COMPILER = ['node_modules/typescript/bin/tsc', '-p', root, '--noEmit', '--incremental', 'false'];
/** The page has a browser's globals, which the rest must not see. @type {Step} */
const PAGE_COMPILER = ['node_modules/typescript/bin/tsc', '-p', path.join(root, 'webview'), '--noEmit'];
/** @type {Step} */
const LINT = ['node_modules/eslint/bin/eslint.js', '--config', '.dev/eslint.config.mjs', '--max-warnings=0', 'src', 'webview', 'test', '.dev'];
/** @type {Step} */
const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--config', '.dev/vitest.config.mts'];

install();
await Promise.all([build(), buildPage()]);
/** @type {Record<string, () => number | Promise<number>>} */
const TASKS = {
  build: () => 0,
  sigdeg: () => node('dist/cli.js', args),
  demo: () => node('dist/cli.js', ['demo', '--engine', 'wasm', '--runs-dir', path.join('.sigdeg', 'demo', 'runs'), ...args]),
  // What is inside the panel, without an editor: open the file it names in Chromium.
  panel: async () => (process.stdout.write(`${await buildFixture()}\n`), 0),
  lint: () => sequence(COMPILER, PAGE_COMPILER, [...LINT, ...args]),
  test: () => sequence(COMPILER, PAGE_COMPILER, LINT, [...VITEST, ...args]),
  // Trains and packs what ships in media/models; see the README.md of each.
  models: async () => sequence([await buildModels(), ...args]),
  bench: async () => sequence([await buildBench(), ...args]),
  package: () => sequence(['.dev/package.mjs', ...args]),
  'test:e2e': () => sequence(['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/e2e/vitest.config.mts', ...args]),
  // The test that compares the committed schema with the source also writes it.
  schema: () => sequence([...VITEST, 'test/unit/jobs-schema.test.ts', '--update']),
};
process.exit(await (TASKS[what] ?? (() => (process.stderr.write(`unknown task ${what}: ${Object.keys(TASKS).join(', ')}\n`), 2)))());
