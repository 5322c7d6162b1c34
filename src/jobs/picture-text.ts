/** What a PNG of a run says of itself in its text chunks, so that a picture that was sent around can be made again. */
import * as path from 'node:path';
import { runFolder } from '../store/run';
import { latestCheckpoint } from '../store/checkpoints';

interface Origin {
  /** The run's folder that the picture belongs to. */
  readonly dir: string;
  /** Ids of the models that drew, in order. */
  readonly models: readonly string[];
  readonly seeds: readonly number[];
  /** Such as the sampler. */
  readonly more?: Readonly<Record<string, string | number>>;
}

/**
 * Keywords with their text: Software, run; of the models model, step (of their training) and weights-hash (SHA-256, as in the run's tables), and seed, each a list
 * with commas where there are several; and what else was named. The models' newest checkpoints are those that drew.
 */
export function pictureText({ dir, models, seeds, more = {} }: Origin): Record<string, string> {
  const checkpoints = models.map((id) => latestCheckpoint(runFolder(path.dirname(dir), id)));
  const list = (values: readonly (string | number | undefined)[]): string => values.map((value) => value ?? '?').join(', ');
  const text: Record<string, string> = {
    Software: 'Sig-DEG Explorer', run: path.basename(dir), model: list(models),
    step: list(checkpoints.map((checkpoint) => checkpoint?.step)), 'weights-hash': list(checkpoints.map((checkpoint) => checkpoint?.hash)), seed: list(seeds),
  };
  for (const [key, value] of Object.entries(more)) text[key] = String(value);
  return text;
}
