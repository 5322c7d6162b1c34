/** Bundles the panel's page: for the editor, and as one file on made-up data that any Chromium opens. */
import fs from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
/** In a browser of its own: no Node there, no code fetched later. */
const OPTIONS = /** @type {const} */ ({ absWorkingDir: root, outdir: 'dist', bundle: true, platform: 'browser', target: 'es2022', format: 'iife', minify: true, logLevel: 'warning' });

/** dist/panel.js and dist/panel.css. */
export async function buildPage() {
  const { build } = await import('esbuild');
  await Promise.all([
    build({ ...OPTIONS, entryPoints: { panel: 'webview/main.ts' }, sourcemap: true }),
    build({ ...OPTIONS, entryPoints: { panel: 'webview/style.css' } }),
  ]);
}

/** dist/panel-fixture.html. @returns {Promise<string>} its path */
export async function buildFixture() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({ ...OPTIONS, entryPoints: { script: 'webview/fixture/main.ts', style: 'webview/style.css' }, write: false });
  const text = (/** @type {string} */ end) => outputFiles.find((file) => file.path.endsWith(end))?.text.replaceAll('</script', '<\\/script') ?? '';
  const file = path.join(root, 'dist', 'panel-fixture.html');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sig-DEG panel on made-up data</title><style>${text('.css')}</style><body><main id="app"></main><script>${text('.js')}</script></body></html>`);
  return file;
}
