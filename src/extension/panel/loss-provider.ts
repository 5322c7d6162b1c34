/** Losses of the runs that the page shows: followed while they grow, kept while there is room, reduced to what is visible. */
import { LossReader } from '../../store/loss-reader';
import { runFolder } from '../../store/run';
import type { LossCurve, SeriesAsk } from '../../../webview/protocol';
import { reduceCurve, smoothed } from './reduce';

/** Points kept in memory, of all runs together: 16 bytes each. */
const MOST_POINTS = 8_000_000;
const MOST_RUNS = 2000;

export class LossProvider {
  /** Least recently asked for first. */
  private readonly readers = new Map<string, LossReader>();

  constructor(private readonly runsDir: string, private readonly mostPoints = MOST_POINTS) {}

  async series({ runs, range, buckets, smoothing }: Omit<SeriesAsk, 'kind'>): Promise<readonly LossCurve[]> {
    const curves: LossCurve[] = [];
    for (const run of new Set(runs.slice(0, MOST_RUNS))) {
      const reader = this.readers.get(run) ?? new LossReader(runFolder(this.runsDir, run));
      this.readers.delete(run);
      this.readers.set(run, reader);
      await reader.catchUp();
      for (const track of reader.tracks) {
        const { name, steps, values, length } = track;
        if (length === 0) continue;
        const weight = Math.min(0.9999, Math.max(0, smoothing));
        const smooth = weight > 0 ? reduceCurve({ steps, values: smoothed(values, length, weight), length }, range, buckets) : null;
        curves.push({ run, name, extent: [steps[0]!, steps[length - 1]!], points: length, ...reduceCurve(track, range, buckets), smooth });
      }
      this.trim(run);
    }
    return curves;
  }

  /** Forgets the runs asked for longest ago until the rest fits. */
  private trim(except: string): void {
    const size = (reader: LossReader): number => reader.tracks.reduce((sum, track) => sum + track.steps.length, 0);
    let points = [...this.readers.values()].reduce((sum, reader) => sum + size(reader), 0);
    for (const [run, reader] of this.readers) {
      if (points <= this.mostPoints) return;
      if (run === except) continue;
      points -= size(reader);
      this.readers.delete(run);
    }
  }
}
