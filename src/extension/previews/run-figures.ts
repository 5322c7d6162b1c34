/** What a run's folder says beyond its summary, read when it is drawn and kept until the run changes. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { EvaluationRow } from '../../store/evaluation-row';
import { eventsFile, parseEvent, tail, type RunEvent } from '../../store/events';
import type { RunSummary } from '../../store/run';
import { isTrainingLoss } from '../../store/loss-names';

export interface Pace {
  /** `train`, `sampling`; a job may name none. */
  readonly phase: string | undefined;
  /** Steps a second; 0 while it cannot be told. */
  readonly rate: number;
  /** The newest loss. */
  readonly loss: number | undefined;
  /** ms since 1970 of the newest progress, which the rest of the time is counted from. */
  readonly time: number;
}

export interface Picture {
  readonly file: string;
  /** When it was written, ms since 1970. */
  readonly time: number;
}

/** What a drawing of runs asks for. */
export interface Figures {
  pace(run: RunSummary): Pace | undefined;
  picture(run: RunSummary): Picture | undefined;
  /** What an evaluation has measured so far. */
  rows(run: RunSummary): readonly EvaluationRow[];
}

/** Enough for some hundred events: minutes of a training. */
const TAIL_BYTES = 1 << 15;
/** A grid of 64 RGB images of 64 × 64 takes half of it; more than this is not ours, and would be slow to draw. */
const MOST_PICTURE_BYTES = 4 << 20;

export class RunFigures implements Omit<Figures, 'rows'> {
  readonly #paces = new Map<string, Pace | undefined>();
  readonly #pictures = new Map<string, Picture | undefined>();

  /** Forgets what it knew of runs that changed. */
  changed(ids: Iterable<string>): void {
    for (const id of ids) for (const known of [this.#paces, this.#pictures]) known.delete(id);
  }

  /** How fast a run goes; undefined before its first progress. */
  pace(run: RunSummary): Pace | undefined {
    return remembered(this.#paces, run.id, () => paceOf(lastEvents(run.dir)));
  }

  /** The newest picture in the run's samples folder. */
  picture(run: RunSummary): Picture | undefined {
    return remembered(this.#pictures, run.id, () => newestPng(path.join(run.dir, 'samples')));
  }
}

function remembered<T>(known: Map<string, T>, id: string, read: () => T): T {
  if (!known.has(id)) known.set(id, read());
  return known.get(id) as T;
}

function lastEvents(dir: string): RunEvent[] {
  try {
    return tail(eventsFile(dir), TAIL_BYTES).split('\n').flatMap((line) => parseEvent(line) ?? []);
  } catch {
    // Not started yet, or deleted while it is shown: there is nothing to tell.
    return [];
  }
}

/** From the newest progress back to the start of its phase or of this execution, as far as the events reach. */
export function paceOf(events: readonly RunEvent[]): Pace | undefined {
  const start = events.findLastIndex((event) => event.type === 'state');
  const since = events.slice(start + 1);
  const progress = since.filter((event) => event.type === 'progress');
  const last = progress.at(-1);
  if (last === undefined) return undefined;
  const first = progress.find(({ phase, steps }) => phase === last.phase && steps === last.steps)!;
  const seconds = (last.time - first.time) / 1000;
  const loss = since.findLast((event) => event.type === 'scalar' && isTrainingLoss(event.name));
  return {
    phase: last.phase,
    rate: last.rate ?? (seconds > 0.5 ? (last.step - first.step) / seconds : 0),
    loss: loss?.type === 'scalar' ? loss.value : undefined,
    time: last.time,
  };
}

/**
 * The PNG that was written last of those in a folder and, of a training, in that of the newest step. Links are passed over: what they lead to is no part of the
 * run.
 */
function newestPng(folder: string, withSteps = true): Picture | undefined {
  let entries: fs.Dirent[];
  try {
    if (!fs.lstatSync(folder).isDirectory()) return undefined;
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return undefined;
  }
  // `step-00001000`: the last name is the newest step's.
  const newest = withSteps ? entries.filter((entry) => entry.isDirectory()).map(({ name }) => name).sort().at(-1) : undefined;
  const ofStep = newest === undefined ? undefined : newestPng(path.join(folder, newest), false);
  const pictures = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.png')).flatMap((entry): Picture[] => {
    const file = path.join(folder, entry.name);
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    return stat === undefined || stat.size > MOST_PICTURE_BYTES ? [] : [{ file, time: stat.mtimeMs }];
  });
  return [...pictures, ...(ofStep ? [ofStep] : [])].sort((a, b) => b.time - a.time)[0];
}
