/** The end-to-end tests: `npm run test:e2e`. Apart from the other tests, since they need an editor and a browser, and drive one of each at a time. */
import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: path.join(import.meta.dirname, '..', '..'),
  test: {
    include: ['test/e2e/*.e2e.ts'],
    globalSetup: ['test/e2e/setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 180_000,
    // An editor's first start reads 300 MB off a cold disk.
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
  },
});
