/** Packs the extension: one .vsix in the project's root (or at the path given). Refuses one that lacks a part, has what it should not, or is too large. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const LARGEST_MB = 25;

/** What the extension does not work without; the rest follows from `.vscodeignore`. */
const PARTS = [
  'package.json', 'LICENSE.txt', 'readme.md', 'changelog.md', 'dist/extension.js', 'dist/cli.js', 'dist/worker.js', 'dist/heartbeat.js', 'dist/metric-threads.js', 'dist/panel.js', 'dist/panel.css',
  'media/icon.png', 'media/activity.svg', 'media/schema/experiment.schema.json', 'media/schema/completion.schema.json', 'media/examples/8-gaussians.sigdeg.json',
  'node_modules/@tensorflow/tfjs-core/dist/tf-core.node.js', 'node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  'node_modules/@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.node.js',
  'node_modules/@tensorflow/tfjs-node-gpu/binding.gyp', 'node_modules/@tensorflow/tfjs-node-gpu/binding/tfjs_backend.cc', 'node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp',
  'node_modules/@resvg/resvg-wasm/index.mjs', 'node_modules/@resvg/resvg-wasm/index_bg.wasm', 'node_modules/@fontsource/dejavu-sans/files/dejavu-sans-latin-400-normal.woff2',
];
/** Sources, tests, source maps and types serve nobody who only uses it; a binding fits one machine. */
const STRAYS = /\.(ts|map|node|vsix|npy)$|^(src|test|webview|\.\w)/;

/**
 * The names in a zip archive, from its central directory.
 * @param {string} file
 */
function namesIn(file) {
  const bytes = fs.readFileSync(file);
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const names = [];
  for (let at = bytes.readUInt32LE(end + 16); bytes.readUInt32LE(at) === 0x02014b50;) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    names.push(bytes.toString('utf8', at + 46, at + 46 + (name ?? 0)));
    at += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return names;
}

/** @param {string} vsix @returns {string | undefined} */
function problemOf(vsix) {
  const files = namesIn(vsix).filter((name) => name.startsWith('extension/')).map((name) => name.slice('extension/'.length));
  const missing = PARTS.filter((file) => !files.includes(file));
  if (missing.length > 0) return `${missing.join(', ')} would be missing: see .vscodeignore, and whether the build makes it`;
  const strays = files.filter((file) => STRAYS.test(file));
  if (strays.length > 0) return `${strays.slice(0, 10).join(', ')} should not be in it: tighten .vscodeignore`;
  const megabytes = fs.statSync(vsix).size / 1e6;
  if (megabytes > LARGEST_MB) return `it has ${megabytes.toFixed(1)} MB, at most ${LARGEST_MB} MB are wanted`;
  process.stdout.write(`${path.relative(process.cwd(), vsix)}: ${megabytes.toFixed(1)} MB, ${files.length} files\n`);
  return undefined;
}

/** @type {unknown} */
const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const { name, version } = /** @type {Record<'name' | 'version', string>} */ (manifest);
const vsix = path.resolve(process.argv[2] ?? path.join(ROOT, `${name}-${version}.vsix`));
// The README's links lead into the repository, which has no public address.
await createVSIX({ cwd: ROOT, packagePath: vsix, allowMissingRepository: true, rewriteRelativeLinks: false });
const problem = problemOf(vsix);
if (problem !== undefined) {
  fs.rmSync(vsix);
  process.stderr.write(`not packaged: ${problem}\n`);
  process.exit(1);
}
