/** Packs the extension: one .vsix in the project's root (or at the path given). Refuses one that lacks a part, has what it should not, or is too large. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX, listFiles } from '@vscode/vsce';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const LARGEST_MB = 25;

/** What the extension does not work without; the rest follows from `.vscodeignore`. */
const PARTS = [
  'dist/extension.js', 'dist/cli.js', 'dist/worker.js', 'dist/heartbeat.js', 'media/icon.png', 'media/activity.svg', 'media/schema/experiment.schema.json',
  'media/examples/8-gaussians.sigdeg.json', 'node_modules/@tensorflow/tfjs-core/dist/tf-core.node.js', 'node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  'node_modules/@tensorflow/tfjs-node-gpu/binding.gyp', 'node_modules/@resvg/resvg-wasm/index_bg.wasm',
];
/** Sources, tests, source maps and types serve nobody who only uses it; a binding fits one machine. */
const STRAYS = /\.(ts|map|node|vsix|npy|safetensors)$|^(src|test|webview|\.\w)|(^|\/)(tests?|coverage)\//;

const files = (await listFiles({ cwd: ROOT })).map((file) => file.replaceAll('\\', '/'));
const missing = PARTS.filter((file) => !files.includes(file));
const strays = files.filter((file) => STRAYS.test(file));
/** @type {{ name: string, version: string }} */
const { name, version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const vsix = path.resolve(process.argv[2] ?? path.join(ROOT, `${name}-${version}.vsix`));

/** @param {string} problem */
const refuse = (problem) => {
  process.stderr.write(`not packaged: ${problem}\n`);
  process.exit(1);
};
if (missing.length > 0) refuse(`${missing.join(', ')} would be missing (.vscodeignore, or the build did not make it)`);
if (strays.length > 0) refuse(`${strays.slice(0, 10).join(', ')} should not be in it: tighten .vscodeignore`);

// The README's links lead into the repository, which has no public address.
await createVSIX({ cwd: ROOT, packagePath: vsix, allowMissingRepository: true, rewriteRelativeLinks: false });
const megabytes = fs.statSync(vsix).size / 1e6;
if (megabytes > LARGEST_MB) refuse(`${megabytes.toFixed(1)} MB, at most ${LARGEST_MB} MB are wanted`);
process.stdout.write(`${path.relative(process.cwd(), vsix)}: ${megabytes.toFixed(1)} MB, ${files.length} files\n`);
