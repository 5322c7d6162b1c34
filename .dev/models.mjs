/** Bundles the makers of the models that ship. Not part of the product. */
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

/** @returns {Promise<string>} the command, from the root */
export async function buildModels() {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root, entryPoints: { main: '.dev/models/main.ts' }, outdir: 'dist/models', bundle: true, platform: 'node', target: 'node20',
    format: 'cjs', sourcemap: true, external: ['@tensorflow/*'], logLevel: 'warning',
  });
  return 'dist/models/main.js';
}
