import type { Command } from 'commander';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { SigdegError } from '../../core/errors';
import { GRID_KINDS } from '../../core/grid';
import { samplerName } from '../../diffusion/samplers/names';
import { encodeNpy } from '../../formats/npy';
import { decodeSafetensors } from '../../formats/safetensors';
import { readEvents } from '../../store/events';
import { atomicWrite } from '../../store/atomic';
import { findRun } from '../../store/run';
import { runAlone } from '../execute';
import { globalsOf, oneOf, whole } from '../globals';
import { short } from '../table';

interface Options {
  readonly sampler?: string;
  readonly steps?: string;
  readonly grid?: string;
  readonly n: string;
  readonly seed: string;
  readonly brownian: string;
  readonly out?: string;
}

export function addSample(program: Command): void {
  program.command('sample <run>').description('draw samples from a teacher or a student')
    .option('--sampler <name>').option('--steps <n>').option('--grid <kind>').option('--n <n>', 'how many', '64').option('--seed <n>', 'noise', '0')
    .option('--brownian <kind>', 'shared (the same path as every other sampler) or simulated (student only, faster)', 'shared')
    .option('--out <file>', 'grid.png, x.npy or x.safetensors')
    .action(async (ref: string, options: Options) => {
      const globals = globalsOf(program);
      const run = findRun(globals.runsDir, ref);
      const own = run.kind === 'student' ? (run.config as { student?: { steps?: number | number[] } }).student?.steps : undefined;
      const sampler = samplerName(options.sampler ?? (run.kind === 'student' ? 'sig-deg' : 'ddpm'));
      const steps = whole('--steps', options.steps ?? String([own ?? 1000].flat().at(-1)));
      const seed = whole('--seed', options.seed, 0);
      const n = whole('--n', options.n);
      const { out } = options;
      const brownian = oneOf('--brownian', options.brownian, ['shared', 'simulated']);
      const grid = options.grid === undefined ? undefined : oneOf('--grid', options.grid, GRID_KINDS);
      if (out !== undefined && !/\.(png|npy|safetensors)$/.test(out)) throw new SigdegError('BAD_USAGE', `--out: expected a name that ends in .png, .npy or .safetensors, found '${out}'`);
      if (out !== undefined && !fs.existsSync(path.dirname(path.resolve(out)))) throw new SigdegError('BAD_USAGE', `--out: expected a folder ${path.dirname(out)}, found none: make it first`);
      if (path.dirname(path.resolve(run.dir)) !== path.resolve(globals.runsDir)) throw new SigdegError('BAD_USAGE', `${run.dir} is not in ${globals.runsDir}: add --runs-dir ${path.dirname(run.dir)}`);
      const dir = await runAlone(globals, { kind: 'samples', name: `${run.name}-${sampler}-${steps}`, config: { model: run.id, sampler, steps, n, seed, brownian, grid }, parents: [run.id], seed });
      const file = path.join(dir, 'samples', out?.endsWith('.png') === false ? 'samples.safetensors' : 'grid.png');
      if (out?.endsWith('.npy') === true) {
        const { shape, data } = decodeSafetensors(fs.readFileSync(file), file).tensors.get('samples')!;
        atomicWrite(out, encodeNpy({ shape, data: data as Float32Array }));
      } else if (out !== undefined) atomicWrite(out, fs.readFileSync(file));
      const seconds = readEvents(dir).flatMap((e) => (e.type === 'scalar' && e.name === 'seconds' ? [e.value] : [])).at(-1) ?? 0;
      globals.output.result({ run: path.basename(dir), sampler, steps, nfe: steps, n, seed, seconds, out: out ?? file }, `${n} samples, ${steps} steps of ${sampler}, ${short(seconds)} s: ${out ?? file}`);
    });
}
