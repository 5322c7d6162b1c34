/**
 * Who may import whom: the one table behind the architecture test and the purity rules of ESLint. ARCHITECTURE.md tells the same in prose.
 *
 * `imports`: folders whose files may be imported, types included. `packages`: what may be imported from npm; 'node:' stands for Node's own modules.
 * `neverLoads`: what must not be loaded through any chain of static imports, because it is slow to start or not there at all; `import type` and
 * `await import()` do not count. `pure`: no clock, no process, no chance: the same input gives the same
 * numbers everywhere.
 *
 * @typedef {{ imports: string[], packages?: string[], neverLoads?: string[], pure?: true }} Layer
 */

const TFJS = '@tensorflow/';
/** What is under everything that computes with tensors. */
const MATHS = ['src/core', 'src/formats', 'src/runtime', 'src/data', 'src/nets'];
const COMPUTING = [...MATHS, 'src/diffusion', 'src/sigdeg', 'src/rivals', 'src/metrics', 'src/report'];

/** The longest key that a path starts with is its layer. Folders that are planned stand here, too. @type {Record<string, Layer>} */
export const LAYERS = {
  'src/core': { imports: [], pure: true },
  // What systems do differently with files and processes.
  'src/system': { imports: [], packages: ['node:'], neverLoads: [TFJS, 'vscode'] },
  'src/formats': { imports: ['src/core'], packages: ['fast-png', 'pbf'], pure: true },
  'src/runtime': { imports: ['src/core', 'src/system'], packages: [TFJS, 'node:', 'zod'] },
  'src/data': { imports: ['src/core', 'src/formats'], packages: ['node:'] },
  'src/nets': { imports: ['src/core', 'src/formats', 'src/runtime'], pure: true },
  'src/diffusion': { imports: MATHS, pure: true },
  'src/sigdeg': { imports: [...MATHS, 'src/diffusion'], pure: true },
  'src/rivals': { imports: [...MATHS, 'src/diffusion', 'src/sigdeg'], pure: true },
  'src/metrics': { imports: ['src/core'], pure: true },
  // Pictures and pages of what the store holds, for the command line and the editor alike: data in, bytes or text out.
  'src/report': { imports: ['src/core', 'src/formats', 'src/diffusion', 'src/metrics', 'src/store'], packages: ['node:', '@resvg/', '@fontsource/'], neverLoads: [TFJS, 'vscode'] },
  'src/store': { imports: ['src/core', 'src/formats', 'src/system'], packages: ['node:', 'zod'], neverLoads: [TFJS, 'vscode'] },
  'src/jobs': { imports: [...COMPUTING, 'src/system', 'src/store'], packages: ['node:', 'zod'], neverLoads: ['vscode'] },
  'src/launch': { imports: ['src/core', 'src/runtime', 'src/store', 'src/jobs', 'src/version.ts'], packages: ['node:'], neverLoads: [TFJS, 'vscode'] },
  'src/cli': {
    imports: [...COMPUTING, 'src/store', 'src/jobs', 'src/launch', 'src/version.ts'],
    packages: ['node:', 'commander', 'cli-progress'],
    neverLoads: [TFJS, 'vscode'],
  },
  'src/worker.ts': { imports: [...COMPUTING, 'src/store', 'src/jobs', 'src/launch', 'src/version.ts'], packages: ['node:'], neverLoads: ['vscode'] },
  'src/extension': {
    imports: ['src/core', 'src/system', 'src/formats', 'src/diffusion', 'src/metrics', 'src/report', 'src/store', 'src/jobs', 'src/launch', 'src/runtime', 'src/version.ts', 'webview'],
    packages: ['node:', 'vscode', 'jsonc-parser'],
    neverLoads: [TFJS],
  },
  // Runs in a plain browser.
  webview: { imports: ['src/core', 'src/report', 'src/store'], packages: ['chart.js', 'chartjs-plugin-annotation', 'chartjs-plugin-zoom', '@vscode/webview-ui-toolkit'], neverLoads: [TFJS, 'vscode', 'node:'] },
  'src/version.ts': { imports: ['package.json'], pure: true },
};

/** Files that something outside the sources starts; whatever they export is used. */
export const ENTRIES = ['src/cli/main.ts', 'src/worker.ts', 'src/store/heartbeat.ts', 'src/jobs/metric-threads.ts', 'src/extension/main.ts', 'webview/main.ts', 'webview/fixture/main.ts'];

/** The layer of a file, by its path from the project's root. @param {string} file @returns {{ name: string, layer: Layer } | undefined} */
export function layerOf(file) {
  const owners = Object.entries(LAYERS).filter(([name]) => file === name || file.startsWith(`${name}/`)).map(([name, layer]) => ({ name, layer }));
  return owners.sort((a, b) => b.name.length - a.name.length)[0];
}
