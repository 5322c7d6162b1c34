import type { Command } from 'commander';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { SigdegError } from '../../core/errors';
import { GRID_KINDS } from '../../core/grid';
import { SAMPLER_NAMES, SAMPLERS, samplerName, STUDENT_SAMPLER } from '../../diffusion/samplers/names';
import { decodeNpy, encodeNpy } from '../../formats/npy';
import { decodeSafetensors } from '../../formats/safetensors';
import { findModel } from '../../jobs/ready-models';
import { conditionOf, teacherEvaluations } from '../../jobs/condition';
import { trainedSteps } from '../../jobs/trained-steps';
import { fineStepsOf, type Common } from '../../jobs/setup';
import { readEvents } from '../../store/events';
import { atomicWrite } from '../../store/atomic';
import { hashBytes } from '../../store/hash';
import { runAlone } from '../execute';
import { amount, globalsOf, oneOf, whole } from '../globals';
import { noisy } from '../noise-options';
import { short } from '../table';

interface Options {
  readonly sampler?: string;
  readonly steps?: string;
  readonly grid?: string;
  readonly eta?: string;
  readonly churn?: string;
  readonly n?: string;
  readonly seed: string;
  readonly brownian: string;
  readonly class?: string;
  readonly guidance?: string;
  readonly noise?: string;
  readonly out?: string;
}

export function addSample(program: Command): void {
  program.command('sample <run>').description('draw samples from a teacher or a student')
    .option('--sampler <name>', `${SAMPLER_NAMES.join(', ')} (default: sig-deg of a student, ddpm of a teacher)`)
    .option('--steps <n>', 'of a student preferably a count that it was trained for (default: the most of those); of a teacher any (default: all of its own)')
    .option('--grid <kind>', `where the steps lie: ${GRID_KINDS.join(', ')} (default: the student's own; of a teacher quad, on the schedules ve and edm karras)`)
   .option('--eta <x>', 'DDIM: its noise, 0 (none) to 1 (ancestral)').option('--churn <x>', 'Heun: its noise, S_churn of EDM, at least 0')
    .option('--n <n>', 'how many (default 64, or as many as --noise holds)').option('--seed <n>', 'noise', '0')
    .option('--brownian <kind>', 'shared (the same path as every other sampler) or simulated (student only, faster)', 'shared')
    .option('--class <class>', 'of a model with classes: a number or a name; all: one after the other (the default)')
    .option('--guidance <w>', 'of a model with classes: how strongly it is guided to the class (default 1: not beyond what the class is; or the least that a student was taught)')
    .option('--noise <file>', 'x_T to begin with, x_T.npy [n, height, width, channels] or [n, channels, height, width], for a comparison with another program')
    .option('--out <file>', 'grid.png, x.npy or x.safetensors')
    .action(async (ref: string, options: Options) => {
      const globals = globalsOf(program);
      const wanted = options.steps === undefined ? undefined : whole('--steps', options.steps);
      const run = await findModel(globals.runsDir, ref, wanted);
      if (run.kind !== 'teacher' && run.kind !== 'student') throw new SigdegError('BAD_USAGE', `${run.id} is a run of kind ${run.kind}: name a teacher or a student`);
      const trained = trainedSteps(run.config);
      if (wanted !== undefined && trained.length > 0 && !trained.includes(wanted)) globals.output.note(`${run.name} was trained for ${trained.join(', ')} steps, not for ${wanted}: expect worse`);
      const asked = samplerName(options.sampler ?? (run.kind === 'student' ? 'sig-deg' : 'ddpm'));
      const { sampler, ...noiseAmount } = noisy(asked, options);
      const steps = wanted ?? trained.at(-1) ?? fineSteps(run.config);
      const seed = whole('--seed', options.seed, 0);
      const noise = options.noise === undefined ? undefined : givenNoise(options.noise);
      const n = whole('--n', options.n ?? String(noise?.count ?? 64));
      const guidance = options.guidance === undefined ? undefined : amount('--guidance', options.guidance);
      const condition = conditionOf(run.config as unknown as Common, sampler, { class: options.class, guidance });
      const { out } = options;
      const brownian = oneOf('--brownian', options.brownian, ['shared', 'simulated']);
      const grid = options.grid === undefined ? undefined : oneOf('--grid', options.grid, GRID_KINDS);
      if (out !== undefined && !/\.(png|npy|safetensors)$/.test(out)) throw new SigdegError('BAD_USAGE', `--out: expected a name that ends in .png, .npy or .safetensors, found '${out}'`);
      if (out !== undefined && !fs.existsSync(path.dirname(path.resolve(out)))) throw new SigdegError('BAD_USAGE', `--out: expected a folder ${path.dirname(out)}, found none: make it first`);
      if (path.dirname(path.resolve(run.dir)) !== path.resolve(globals.runsDir)) throw new SigdegError('BAD_USAGE', `${run.dir} is not in ${globals.runsDir}: add --runs-dir ${path.dirname(run.dir)}`);
      const dir = await runAlone(globals, { kind: 'samples', name: `${run.name}-${sampler}-${steps}`, config: { model: run.id, sampler, steps, n, seed, brownian, grid, ...noiseAmount, noise: noise?.given, class: options.class, guidance }, parents: [run.id], seed });
      const file = path.join(dir, 'samples', out?.endsWith('.png') === false ? 'samples.safetensors' : 'grid.png');
      if (out?.endsWith('.npy') === true) {
        const { shape, data } = decodeSafetensors(fs.readFileSync(file), file).tensors.get('samples')!;
        atomicWrite(out, encodeNpy({ shape, data: data as Float32Array }));
      } else if (out !== undefined) atomicWrite(out, fs.readFileSync(file));
      const seconds = readEvents(dir).flatMap((e) => (e.type === 'scalar' && e.name === 'seconds' ? [e.value] : [])).at(-1) ?? 0;
      globals.output.result({ run: path.basename(dir), sampler, steps, nfe: steps * SAMPLERS[sampler].evaluationsPerStep * (sampler === STUDENT_SAMPLER ? 1 : teacherEvaluations(condition)), n, seed, seconds, out: out ?? file }, `${n} ${n === 1 ? 'sample' : 'samples'}, ${steps} ${steps === 1 ? 'step' : 'steps'} of ${sampler}, ${short(seconds)} s: ${out ?? file}`);
    });
}

/** Steps of the fine grid of a run, which a teacher takes where nothing else is asked for. */
const fineSteps = (config: unknown): number => fineStepsOf((config as Common).schedule);

function givenNoise(file: string): { given: { file: string; sha256: string }; count: number } {
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(file);
  } catch {
    throw new SigdegError('BAD_USAGE', `--noise: expected a .npy file, found nothing to read at '${file}'`);
  }
  return { given: { file: path.resolve(file), sha256: hashBytes(bytes) }, count: decodeNpy(bytes, file).shape[0] ?? 0 };
}
