import { coarseIndices } from '../core/grid';
import { noiseSettings, STUDENT_SAMPLER } from '../diffusion/samplers/names';
import { ShardCache } from '../store/cache';
import type { JsonValue } from '../store/hash';
import type { LoadedModel } from './model';
import { cacheDirOf, setupOf } from './setup';
import type { SamplingChoice } from './simulate';

/** Where the chunks of what is drawn for a choice are kept: by the weights' hash, so that two runs of equal weights share them. @param what is drawn, and the version of how */
export function choiceCache(runsDir: string, what: Readonly<Record<string, JsonValue>>, choice: SamplingChoice, model: LoadedModel): ShardCache {
  const { model: _, noise, eta, churn, condition, ...rest } = choice;
  const key = { ...what, weightsHash: model.hash, schedule: model.config.schedule as JsonValue, ...rest, ...noiseSettings({ eta, churn }), ...(noise ? { noise: noise.sha256 } : {}), ...(condition && { condition }) };
  return new ShardCache(cacheDirOf(runsDir), hasZeroTerms(choice, model) ? { ...key, signature: 2 } : key);
}

/** Whether the signature is simulated over a step of fewer fine steps than it has terms: those beyond were once drawn, too. */
function hasZeroTerms({ brownian, sampler, steps, grid }: SamplingChoice, { student, config }: LoadedModel): boolean {
  if (brownian !== 'simulated' || sampler !== STUDENT_SAMPLER || !student) return false;
  const indices = coarseIndices(setupOf(config).fine, steps, grid);
  const terms = student.model.termsAt(steps);
  return indices.subarray(1).some((to, n) => to - indices[n]! < terms);
}
