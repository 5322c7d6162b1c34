/** Once before all end-to-end tests: the editor is provisioned, the extension packed, the tests for inside the editor compiled. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { build } from 'esbuild';
import { leaveNothingBehind } from './editor/processes';
import { HOST_TESTS, INSTALLED_FOLDER, OUT, ROOT, SCREENSHOTS, VSIX } from './provision/places';
import { provision } from './provision/provision';

export default async function setup(): Promise<void> {
  leaveNothingBehind((process.env[INSTALLED_FOLDER] = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-e2e-'))));
  fs.rmSync(OUT, { recursive: true, force: true });
  fs.mkdirSync(SCREENSHOTS, { recursive: true });
  await provision();
  // A package that is there already can be tested as it is.
  const given = process.env['SIGDEG_E2E_VSIX'];
  if (given !== undefined) fs.copyFileSync(given, VSIX);
  else execFileSync(process.execPath, [path.join('.dev', 'package.mjs'), VSIX], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 });
  const host = path.join(ROOT, 'test', 'e2e', 'host');
  fs.rmSync(HOST_TESTS, { recursive: true, force: true });
  await build({
    entryPoints: fs.readdirSync(host).filter((name) => name.endsWith('.ts')).map((name) => path.join(host, name)), outdir: HOST_TESTS, bundle: true, platform: 'node', target: 'node20', format: 'cjs',
    external: ['vscode', 'mocha'], sourcemap: 'inline', logLevel: 'warning',
  });
}
