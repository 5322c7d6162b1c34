import * as path from 'node:path';
import { mean } from '../core/statistics';
import { METRICS } from '../metrics/metrics';
import { METRIC_INFO, type MetricName } from '../metrics/names';
import { noiseFloor } from '../metrics/noise-floor';
import type { EvaluationRow } from '../store/evaluation-row';
import { rowsOf } from '../store/events';
import type { EvaluationSection } from './config';
import { contestantsOf, referenceOf, type Contestant } from './contestants';
import type { JobContext, JobResult } from './context';
import { writeReport } from './evaluation-report';
import { evaluationSeed } from './evaluation-seed';
import { loadModel } from './model';
import { keepEvaluationPictures } from './evaluation-pictures';
import { runTasks } from './run-tasks';
import { setupOf, type Common } from './setup';
import { followsPath, readSamples, sampleTasks, type SamplingChoice } from './simulate';

export interface EvaluationJobConfig extends Common {
  readonly evaluation: EvaluationSection;
}

/**
 * Compares samplers with the 1000-step teacher. Parents: the teacher, then the students. A set drawn under one seed is compared with the teacher's under
 * every OTHER seed, and the mean is that seed's value, so that sharing noise flatters nobody; the floor is the teacher against itself in the same way. The
 * pathwise error is measured on the same seed, which is the same path. Solvers are run on every grid and setting.
 */
export async function evaluationJob(context: JobContext): Promise<JobResult> {
  const started = performance.now();
  const { evaluation, seed } = context.manifest.config as unknown as EvaluationJobConfig;
  const runsDir = path.dirname(context.dir);
  const [teacherId, ...students] = context.manifest.parents as [string, ...string[]];
  const { dataset, fine } = setupOf(loadModel(runsDir, teacherId, 'ema').config);
  const reference = referenceOf(teacherId, fine.steps);
  const contestants = contestantsOf(evaluation, teacherId, students, runsDir, dataset.itemShape.length > 1);
  const seeds = Array.from({ length: evaluation.seeds }, (_, k) => evaluationSeed(seed, k));
  const choices = [reference, ...contestants].flatMap(({ choice }) => seeds.map((s): SamplingChoice => ({ ...choice, seed: s })));
  const result = await runTasks(context, sampleTasks(runsDir, choices, evaluation.count, dataset.itemShape, seeds[0]), 'sampling');
  if (result === 'stopped') return result;

  const size = dataset.itemShape.reduce((a, b) => a * b, 1);
  const n = evaluation.count;
  const read = ({ choice }: Contestant, k: number) => readSamples(runsDir, { ...choice, seed: seeds[k]! }, n);
  const references = seeds.map((_, k) => read(reference, k));
  const paths = Math.min(evaluation.pathwiseCount ?? n, n) * size;
  const summarise = (name: MetricName, samples: Float32Array): unknown =>
    METRICS[name].summarise(METRIC_INFO[name].paired ? samples.subarray(0, paths) : samples, dataset.itemShape, seed);
  const summaries = new Map(evaluation.metrics.map((name) => [name, references.map(({ samples }) => summarise(name, samples))]));
  const floors = new Map(evaluation.metrics.map((name) => [name, METRIC_INFO[name].paired ? null : noiseFloor(summaries.get(name)!, (a, b) => METRICS[name].distance(a, b))]));

  // A job that was stopped here goes on after the rows that it has written.
  const written = new Set(rowsOf(context.dir).map(rowKey));
  const all = [reference, ...contestants];
  for (const [done, contestant] of all.entries()) {
    for (const k of seeds.keys()) {
      await context.pause();
      if (context.interrupted()) return 'stopped';
      const wanted = evaluation.metrics.filter((name) => {
        const unpaired = contestant === reference || !followsPath(contestant.choice.sampler);
        return !(METRIC_INFO[name].paired && unpaired) && !written.has(rowKey(rowOf(contestant, { seed: seeds[k]!, metric: name })));
      });
      if (wanted.length === 0) continue;
      const { samples, seconds } = contestant === reference ? references[k]! : read(contestant, k);
      for (const name of wanted) {
        const { paired } = METRIC_INFO[name];
        const own = contestant === reference ? summaries.get(name)![k]! : summarise(name, samples);
        const against = summaries.get(name)!.filter((_, other) => (other === k) === paired);
        const value = mean(against.map((summary) => METRICS[name].distance(own, summary)));
        context.events.append({ type: 'eval', row: { ...rowOf(contestant, { seed: seeds[k]!, metric: name }), n, value, floor: floors.get(name)!, seconds, reference: `${teacherId} ddpm@${fine.steps}` } });
      }
    }
    context.events.append({ type: 'progress', step: done + 1, steps: all.length, phase: 'metrics' });
    await new Promise((resolve) => setImmediate(resolve));
  }
  keepEvaluationPictures(context, [reference, ...contestants], seeds[0]!, n);
  await writeReport(context, (performance.now() - started) / 1000);
  return 'done';
}

/** What a row says of its contestant. */
function rowOf({ choice, nfe, depth }: Contestant, { seed, metric }: Pick<EvaluationRow, 'seed' | 'metric'>) {
  const { model, sampler, steps, grid, lowerOrderFinal, clamp, weights } = choice;
  return { run: model, sampler, steps, nfe, grid, settings: { lowerOrderFinal, clamp }, depth, weights, units: 'model', seed, metric } as const;
}

const rowKey = ({ run, sampler, steps, grid, settings, seed, metric }: Pick<EvaluationRow, 'run' | 'sampler' | 'steps' | 'grid' | 'settings' | 'seed' | 'metric'>): string =>
  JSON.stringify([run, sampler, steps, grid, settings['lowerOrderFinal'], settings['clamp'], seed, metric]);
