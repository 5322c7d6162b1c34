/** One training step of a teacher, as the product takes it: its batch, forward, gradients, clipping, Adam and moving average, through `train`. */
import { setupOf } from '../../../src/jobs/setup';
import { teacherObjective } from '../../../src/diffusion/teacher';
import { freshState, train, type TrainingConfig } from '../../../src/nets/trainer';
import { benchNet, forwardCost, writeReference, type NetName } from './nets';
import { short } from '../../../src/core/number-text';
import { timed, type OpenWork } from './work';

/** A training that goes on for so many steps whenever it is asked. Its `pause` is what makes it wait in between. */
export const openTraining: OpenWork = (params, { scratch }) => {
  const name = params['net'] as NetName;
  const batch = params['batch'] as number;
  const bench = benchNet(name, batch);
  const { config, net, layout, weights } = bench;
  const { dataset, schedule } = setupOf(config);
  const reference = writeReference(bench, scratch, `${name}-${batch}`);
  const objective = teacherObjective({ net, prediction: 'v', dataset, schedule, tMin: config.schedule.tMin, batch, seed: 0 });

  let left = 0;
  let start = 0;
  let finished: ((seconds: number) => void) | undefined;
  let failed: ((error: unknown) => void) | undefined;
  let proceed: (() => void) | undefined;
  let ended = false;
  let training: Promise<unknown> | undefined;
  const settings: TrainingConfig = { ...config.teacher.training, checkpointEvery: Number.MAX_SAFE_INTEGER };
  // A stretch ends when its last loss has been read; the checkpoint that a pause writes is not part of it.
  let reached = 0;
  const begin = (): void => {
    training = train(layout, objective, settings, freshState(weights), {
      onLoss: () => { reached = performance.now(); },
      onCheckpoint: () => { finished?.((reached - start) / 1000); },
      interrupted: () => ended,
      pause() {
        if (left-- > 0) return undefined;
        reached = performance.now();
        return new Promise<void>((resolve) => { proceed = resolve; });
      },
    }).catch((error: unknown) => failed?.(error));
  };
  const { flop, activations } = forwardCost(bench);
  return {
    facts: {
      parameters: layout.size, reference,
      flop: 3 * batch * flop,
      // Forward writes and backward reads every activation and its gradient; of the weights, gradient, two moments and average: read and written.
      bytes: 4 * (4 * batch * activations + 9 * layout.size),
      note: `${layout.size} parameters; drawing the batch alone takes ${short(1000 * (timed(6, (i) => { objective.batch(i); }) / 6))} ms`,
    },
    run: (steps) => new Promise((resolve, reject) => {
      finished = resolve;
      failed = reject;
      start = performance.now();
      if (training === undefined) {
        left = steps;
        begin();
      } else {
        // The step after the pause is taken without asking again.
        left = steps - 1;
        proceed?.();
      }
    }),
    async close() {
      ended = true;
      finished = undefined;
      proceed?.();
      await training;
    },
  };
};
