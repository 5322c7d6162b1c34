/** ONNX Runtime for tests: installed once, as a user does it, where all clones of the project find it. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isOnnxInstalled, onnxDir } from '../../src/runtime/onnx-package';
import { inTurn } from '../../src/store/turn';

export async function ensureOnnxRuntime(): Promise<void> {
  if (isOnnxInstalled()) return;
  const cache = path.dirname(onnxDir());
  fs.mkdirSync(cache, { recursive: true });
  // Test files run side by side.
  await inTurn(cache, () => {
    if (!isOnnxInstalled()) execFileSync(process.execPath, [path.resolve('dist/cli.js'), 'runtime', 'install', '--onnx'], { stdio: 'inherit' });
  });
}
