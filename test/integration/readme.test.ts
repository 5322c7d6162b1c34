import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeNpy } from '../../src/formats/npy';
import { readDiffusersFolder } from '../../src/jobs/diffusers-folder';
import { ended } from './harness';

const HEADING = '### From diffusers to a script, and back';
/** What a clone has not. */
const NOT_CLONED = new Set(['.git', 'node_modules', 'dist', '.sigdeg', '.sigdeg-e2e']);
const clone = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-readme-'));
beforeAll(() => {
  for (const name of fs.readdirSync('.')) if (!NOT_CLONED.has(name)) fs.cpSync(name, path.join(clone, name), { recursive: true });
  fs.symlinkSync(path.resolve('node_modules'), path.join(clone, 'node_modules'), 'junction');
});
afterAll(() => { fs.rmSync(clone, { recursive: true, force: true }); });

const hasPython = spawnSync('python3', ['-c', 'import numpy, onnxruntime']).status === 0;

/** The commands of the section, as they stand there. */
function commands(): string[] {
  const section = fs.readFileSync('README.md', 'utf8').split(`${HEADING}\n`)[1]!.split('\n#')[0]!;
  return section.split('\n').filter((line) => line.startsWith('    ')).map((line) => line.trim());
}

const samples = (name: string): Float32Array => decodeNpy(fs.readFileSync(path.join(clone, name)), name).data as Float32Array;

test('the way from a diffusers folder to a script runs as the README has it', { timeout: 1_500_000 }, async () => {
  const lines = commands();
  expect(lines.map((line) => /-- (\w+)|^(python3)/.exec(line)?.slice(1).join(''))).toEqual(['import', 'distill', 'sample', 'export', 'python3', 'export', 'export']);
  for (const line of lines) {
    if (line.startsWith('python3') && !hasPython) continue;
    const { code, stderr } = await ended('bash', ['-c', line], clone, process.env, 1_200_000);
    expect([line, code, code === 0 ? '' : stderr]).toEqual([line, 0, '']);
  }
  expect(fs.readdirSync(path.join(clone, 'exported')).sort()).toEqual(['model.onnx', 'sample.py', 'sampler.json']);
  expect(readDiffusersFolder(path.join(clone, 'spots-pipeline'), {}).architecture).toEqual(readDiffusersFolder(path.join(clone, 'test/golden/fixtures/ddpm-pipeline'), {}).architecture);
  expect(fs.readdirSync(path.join(clone, 'student')).sort()).toEqual(['sample.py', 'steps.json', 'unet']);
  const drawn = samples('spots.npy');
  expect(drawn).toHaveLength(16 * 8 * 8);
  if (!hasPython) return;
  const same = samples('same.npy');
  expect(Math.max(...drawn.map((value, i) => Math.abs(value - same[i]!)))).toBeLessThan(1e-3);
});
