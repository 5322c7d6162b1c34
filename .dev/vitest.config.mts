import os from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: path.join(import.meta.dirname, '..'),
  test: {
    include: ['test/**/*.test.ts'],
    // Those run inside the editor: npm run test:e2e.
    exclude: ['test/e2e/**'],
    pool: 'forks',
    // Vitest leaves a core to itself, of two that is half: many tests here wait for processes that they started, and others can use what is free then.
    maxWorkers: Math.max(2, os.availableParallelism() - 1),
    testTimeout: 120_000,
    // A hook may distil, too; on a busy machine that takes longer than Vitest's 10 s.
    hookTimeout: 120_000,
    // Module sources without file extensions: Node cannot load them, Vite can.
    server: { deps: { inline: [/tfjs-core\/dist\/(register_all|.*gradients|ops|.*_grad)/] } },
  },
});
