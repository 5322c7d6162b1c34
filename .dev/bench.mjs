/** Bundles the benchmark suite: its command, and the process that measures ours. Not part of the product. */
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

/** dist/bench/main.js and dist/bench/ours.js. @returns {Promise<string>} the command, from the root */
export async function buildBench() {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root, entryPoints: { main: 'test/bench/main.ts', ours: 'test/bench/ours/main.ts' }, outdir: 'dist/bench', bundle: true, platform: 'node', target: 'node20',
    format: 'cjs', sourcemap: true, external: ['@tensorflow/*', '@resvg/*', '@fontsource/*'], logLevel: 'warning',
  });
  return 'dist/bench/main.js';
}
