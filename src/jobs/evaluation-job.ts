import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import type { Summary } from '../core/statistics';
import { METRIC_INFO } from '../metrics/names';
import { shareWork } from '../metrics/parallel';
import type { EvaluationRow } from '../store/evaluation-row';
import { rowsOf } from '../store/events';
import type { Evaluation } from './config-evaluation';
import { checkGuidance, classesOf, taughtCondition, usualGuidance, type SampleCondition } from './condition';
import { contestantsOf, referenceOf, type Contestant } from './contestants';
import type { JobContext, JobResult } from './context';
import { dataSets } from './data-sets';
import { keepEvaluationPictures } from './evaluation-pictures';
import { writeReport } from './evaluation-report';
import { evaluationSeed } from './evaluation-seed';
import { openExtractor, type Extractor } from './extractors';
import { Judge } from './judge';
import { checkMeasures, measuresOf, unmeasurable, type Measure } from './measures';
import { openMemory } from './memory';
import { MetricThreads } from './metric-threads';
import { loadModel } from './model';
import { runTasks } from './run-tasks';
import { contested, finalists, searchMeasures } from './setting-search';
import { setupOf, type Common, type StudentConfig } from './setup';
import { followsPath, readSamples, sampleTasks, settingsOfChoice, type SamplingChoice } from './simulate';

export interface EvaluationJobConfig extends Common {
  readonly evaluation: Evaluation;
}

/**
 * Compares samplers with the fine teacher and, where asked for, with the data. Parents: the teacher, then the students. Solvers are run on every grid and
 * setting: on all samples, or with `searchCount` on so many of the first seed, after which the best goes on (see `finalists`).
 */
export async function evaluationJob(context: JobContext): Promise<JobResult> {
  const threads = new MetricThreads(context.cores - 1);
  shareWork(threads);
  try {
    return await evaluate(context);
  } finally {
    shareWork(undefined);
    threads.close();
  }
}

async function evaluate(context: JobContext): Promise<JobResult> {
  const started = performance.now();
  const config = context.manifest.config as unknown as EvaluationJobConfig;
  const { evaluation, seed, baseDir } = config;
  const runsDir = path.dirname(context.dir);
  const [teacherId, ...students] = context.manifest.parents as [string, ...string[]];
  // What is measured against are the experiment's data; what may have been memorised are those that the teacher was trained on.
  const { dataset } = setupOf(config);
  const { config: ofTeacher } = loadModel(runsDir, teacherId, 'ema');
  const { dataset: trainedOn, fine } = setupOf(ofTeacher);
  const { itemShape } = dataset;
  const extractor = openExtractor(evaluation.extractor, dataset, baseDir);
  const measures = measuresOf(evaluation);
  checkMeasures(evaluation, () => dataset);
  checkExtractor(evaluation, extractor);
  const nearness = evaluation.metrics.includes('memorised') ? openMemory(ofTeacher, trainedOn, extractor, seed) : undefined;
  const condition = comparedCondition(config, evaluation, students.map((id) => loadModel(runsDir, id, 'ema').student!.config));
  const reference = referenceOf(teacherId, fine.steps, { steps: evaluation.referenceSteps, condition });
  const contestants = contestantsOf(evaluation, teacherId, students, runsDir, itemShape.length > 1, condition);
  const seeds = Array.from({ length: evaluation.seeds }, (_, k) => evaluationSeed(seed, k));
  const read = ({ choice }: Contestant, k: number, n: number) => readSamples(runsDir, { ...choice, seed: seeds[k]! }, n);
  const sample = (phase: string, n: number, ...wanted: readonly { readonly of: readonly Contestant[]; readonly under: readonly number[] }[]): Promise<JobResult> => {
    const choices = wanted.flatMap(({ of, under }) => of.flatMap(({ choice }) => under.map((s): SamplingChoice => ({ ...choice, seed: s }))));
    return runTasks(context, sampleTasks(runsDir, choices, n, itemShape, seeds[0]), phase);
  };

  const { count, searchCount = count } = evaluation;
  // A job that was stopped here goes on after the rows that it has written.
  const written = new Map(rowsOf(context.dir).map((row) => [rowKey(row), row]));
  /** Measures sets that are sampled, one contestant after the other, in rows. */
  const measure = async (of: readonly Contestant[], { wanted, under, n }: { wanted: readonly Measure[]; under: readonly number[]; n: number }, phase: string): Promise<JobResult> => {
    const references = seeds.map((_, k) => read(reference, k, n));
    const data = wanted.some((m) => m.reference === 'data') ? dataSets(dataset, seeds.length, n, seed) : undefined;
    const judge = new Judge({ itemShape, extractor, nearness, seed, pairedCount: Math.min(evaluation.pathwiseCount ?? n, n), references: { teacher: references.map(({ samples }) => samples), data } });
    const floors = new Map<Measure, Summary | null>();
    for (const [done, contestant] of of.entries()) {
      for (const k of under) {
        await context.pause();
        if (context.interrupted()) return 'stopped';
        const unpaired = contestant === reference || !followsPath(contestant.choice.sampler);
        const missing = wanted.filter((m) => !(METRIC_INFO[m.metric].paired && unpaired) && !written.has(rowKey(rowOf(contestant, { seed: seeds[k]!, metric: m.name, n }))));
        if (missing.length === 0) continue;
        const { samples, seconds } = contestant === reference ? references[k]! : read(contestant, k, n);
        for (const m of missing) {
          // Of fewer samples it is another floor.
          if (!floors.has(m)) floors.set(m, n < count ? null : judge.floor(m));
          const row: EvaluationRow = {
            ...rowOf(contestant, { seed: seeds[k]!, metric: m.name, n }), value: judge.value(m, samples, k), floor: floors.get(m)!, seconds,
            reference: m.reference === 'data' ? `data ${dataset.name}` : `${teacherId} ${reference.choice.sampler}@${reference.choice.steps}`,
            extractor: METRIC_INFO[m.metric].space === 'data' ? null : extractor.name,
            ...(n < count ? { search: true } : {}),
          };
          context.events.append({ type: 'eval', row });
          written.set(rowKey(row), row);
        }
      }
      context.events.append({ type: 'progress', step: done + 1, steps: of.length, phase });
      await new Promise((resolve) => setImmediate(resolve));
    }
    return 'done';
  };

  let chosen = contestants;
  if (searchCount < count) {
    const wanted = searchMeasures(measures);
    const open = contested(contestants);
    if ((await sample('sampling for the search', searchCount, { of: [reference], under: seeds }, { of: open, under: seeds.slice(0, 1) })) === 'stopped') return 'stopped';
    if ((await measure(open, { wanted, under: [0], n: searchCount }, 'search of settings')) === 'stopped') return 'stopped';
    chosen = finalists(contestants, wanted, (contestant, m) => written.get(rowKey(rowOf(contestant, { seed: seeds[0]!, metric: m.name, n: searchCount })))?.value);
  }
  const all = [reference, ...chosen];
  if ((await sample('sampling', count, { of: all, under: seeds })) === 'stopped') return 'stopped';
  if ((await measure(all, { wanted: measures, under: [...seeds.keys()], n: count }, 'metrics')) === 'stopped') return 'stopped';
  keepEvaluationPictures(context, all, seeds[0]!, count);
  await writeReport(context, (performance.now() - started) / 1000);
  return 'done';
}

/** One guidance for all, classes in turn: what is asked, else the least that suits every student, 1 where they were taught it. @throws SigdegError BAD_USAGE, BAD_CONFIG */
function comparedCondition(config: EvaluationJobConfig, { guidance }: Evaluation, students: readonly StudentConfig[]): SampleCondition | undefined {
  if (classesOf(config) === undefined) {
    if (guidance !== undefined) throw new SigdegError('BAD_CONFIG', 'evaluation.guidance: expected none, since the teacher knows no classes');
    return undefined;
  }
  const ranges = students.map((student) => taughtCondition(student)!.guidance);
  const all = guidance ?? Math.max(1, ...ranges.map(usualGuidance));
  for (const range of ranges) checkGuidance(all, range, 'evaluation.guidance');
  return { guidance: all };
}

/** As `checkMeasures`, of what the extractor must be. @throws SigdegError BAD_CONFIG */
function checkExtractor({ metrics, count }: Evaluation, extractor: Extractor): void {
  if (metrics.includes('confident') && extractor.confidence === undefined) throw unmeasurable('confident', `a classifier, and the extractor '${extractor.name}' is none`);
  const enough = 10 * (extractor.dimension + 1);
  if (metrics.includes('frechet-infinity') && count < enough) throw unmeasurable('frechet-infinity', `at least ${enough} samples a set (for ${extractor.dimension} features), found ${count}`);
}

/** What a row says of its contestant. */
function rowOf({ choice, nfe, depth }: Contestant, { seed, metric, n }: Pick<EvaluationRow, 'seed' | 'metric' | 'n'>) {
  const { model, sampler, steps, grid, weights } = choice;
  return { run: model, sampler, steps, nfe, grid, settings: settingsOfChoice(choice), depth, weights, units: 'model', seed, metric, n } as const;
}

const rowKey = ({ run, sampler, steps, grid, settings, seed, metric, n }: Pick<EvaluationRow, 'run' | 'sampler' | 'steps' | 'grid' | 'settings' | 'seed' | 'metric' | 'n'>): string =>
  JSON.stringify([run, sampler, steps, grid, settings['lowerOrderFinal'], settings['clamp'], settings['eta'], settings['churn'], settings['guidance'], seed, metric, n]);
