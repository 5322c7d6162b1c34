/** What is drawn in the line of each student: its newest pictures, and key figures beside them. */
import * as fs from 'node:fs';
import { metricTitle } from '../../report/comparison';
import { bestOf } from '../../report/score';
import type { JsonValue, RunSummary } from '../../store/run';
import type { ExperimentText } from './experiment-text';
import type { MatchedRuns, MatchedStudent } from './matching';
import { pictureStrip, type StripPicture } from './picture-strip';
import type { Figures, Picture } from './run-figures';
import { pictureOf, qualityOf, qualityText } from './student-figures';

export interface InlineNote {
  /** Offset of what says the student's steps; the note goes to the end of its line. */
  readonly at: number;
  /** Address of the pictures, in the students' order. */
  readonly picture: string | undefined;
  readonly text: string;
}

/** Of a sweep, so many pictures, each narrower. */
const [MOST_PICTURES, NARROW, WIDE] = [6, 48, 240];
/** As many images as a samples run's picture has at most. */
const MOST_IMAGES = 64;
const MOST_KEPT = 100;

export class InlineNotes {
  /** Strips by what they show, as every keystroke asks for them. */
  readonly #strips = new Map<string, string | undefined>();

  /** @param height of a picture, in pixels */
  notes(file: ExperimentText, matches: MatchedRuns, figures: Figures, height: number): InlineNote[] {
    return file.students.flatMap(({ steps }, i): InlineNote[] => {
      const students = matches.students[i] ?? [];
      if (steps === undefined) return [];
      const picture = this.#strip(students, figures, height);
      const text = textOf(students, figures);
      return picture === undefined && text === '' ? [] : [{ at: steps.end, picture, text }];
    });
  }

  #strip(students: readonly MatchedStudent[], figures: Figures, height: number): string | undefined {
    const pictures = students.flatMap((student) => {
      const picture = pictureOf(student, figures);
      return picture === undefined ? [] : [{ ...picture, show: showOf(picture, student) }];
    }).slice(0, MOST_PICTURES);
    const key = JSON.stringify([height, students.length > 1, pictures]);
    if (!this.#strips.has(key)) {
      if (this.#strips.size >= MOST_KEPT) this.#strips.clear();
      const read = pictures.flatMap(({ file, show }): StripPicture[] => {
        const png = readQuietly(file);
        return png === undefined ? [] : [{ png, show }];
      });
      this.#strips.set(key, pictureStrip(read, { height, widest: students.length > 1 ? NARROW : WIDE }));
    }
    return this.#strips.get(key);
  }
}

function readQuietly(file: string): Uint8Array | undefined {
  try {
    return fs.readFileSync(file);
  } catch {
    // It was deleted a moment ago.
    return undefined;
  }
}

/** The generated sets are 2-D and drawn as one scatter; images are tiles, as many as their run says. */
function showOf({ file }: Picture, { matched, samples }: MatchedStudent): StripPicture['show'] {
  const run: RunSummary | undefined = matched?.run;
  const dataset = run && keyOf(keyOf(run.config, 'dataset'), 'name');
  if (dataset === 'npy' || typeof dataset !== 'string') return 'whole';
  if (dataset !== 'mnist' && dataset !== 'idx') return 'scatter';
  const source = samples.find(({ dir }) => file.startsWith(dir));
  const n = source && keyOf(source.config, 'n');
  return typeof n === 'number' ? Math.ceil(Math.sqrt(Math.min(MOST_IMAGES, n))) : 'whole';
}

/** The figures of one student, or of the best of a sweep. */
function textOf(students: readonly MatchedStudent[], figures: Figures): string {
  const measured = students.flatMap((student) => {
    const quality = qualityOf(student, figures);
    return quality ? [{ name: student.name, quality }] : [];
  });
  const metric = measured[0]?.quality.metric;
  // Those of another evaluation may have been measured in another metric.
  const lines = measured.filter(({ quality }) => quality.metric === metric).flatMap((one) => one.quality.lines.map(({ value }) => ({ ...one, value })));
  const best = metric === undefined ? undefined : bestOf(lines, metricTitle(metric));
  if (best === undefined) return '';
  return students.length === 1 ? qualityText(best.quality) : `best ${best.name}: ${qualityText(best.quality)}`;
}

function keyOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
