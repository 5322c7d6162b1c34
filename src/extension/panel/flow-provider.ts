/** Flows that evaluations kept of 2-D data. */
import { SigdegError } from '../../core/errors';
import { contestantTitle } from '../../report/comparison';
import { hasFlow, readFlow, type FlowTrack } from '../../store/flow';
import type { RunIndex } from '../../store/run-index';
import type { Flow, FlowChoice } from '../../../webview/protocol';
import { extentOf } from './grid';
import { relatedRuns } from './related';

type Runs = Pick<RunIndex, 'all' | 'get'>;

/** Where the noise lies: three standard deviations. */
const NOISE_EXTENT = 3;

const labelOf = (track: FlowTrack): string => `${contestantTitle(track)} @ ${track.steps}`;

/** Ids are `<run>:<number of the track>`. A file that cannot be read has none: asking for it says why. */
export async function flowChoices(runs: Runs, chosen: readonly string[]): Promise<FlowChoice[]> {
  const kept = relatedRuns(runs, chosen).filter((run) => run.kind === 'evaluation' && hasFlow(run.dir));
  const lists = await Promise.all(kept.map(async (run) => {
    const tracks = await readFlow(run.dir).catch(() => undefined);
    return tracks?.map((track, i): FlowChoice => ({ id: `${run.id}:${i}`, label: labelOf(track), run: run.id })) ?? [{ id: `${run.id}:0`, label: run.name, run: run.id }];
  }));
  return lists.flat();
}

/** @throws SigdegError NOT_FOUND, BAD_FILE, NO_ACCESS */
export async function flowOf(runs: Runs, id: string): Promise<Flow> {
  const [runId = '', index] = id.split(':');
  const run = runs.get(runId);
  const tracks = run ? await readFlow(run.dir) : [];
  const track = tracks[Number(index)];
  if (track === undefined) throw new SigdegError('NOT_FOUND', 'this flow is not there (any more): its evaluation was deleted or measured again');
  const size = track.states.length / track.times.length;
  const frames = Array.from(track.times, (_, i) => track.states.slice(i * size, (i + 1) * size));
  const teacher = tracks.find((other) => other.teacher);
  const target = teacher ? teacher.states.slice(teacher.states.length - teacher.states.length / teacher.times.length) : null;
  return { label: labelOf(track), sampler: track.sampler, teacher: track.teacher, frames, times: Array.from(track.times), extent: Math.max(NOISE_EXTENT, extentOf([target ?? frames.at(-1)!])), target };
}
