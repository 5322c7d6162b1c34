/** What is drawn in the line of each student: its newest pictures, and key figures beside them. */
import * as fs from 'node:fs';
import type { JsonValue, RunSummary } from '../../store/run';
import type { ExperimentText } from './experiment-text';
import type { MatchedRuns, MatchedStudent } from './matching';
import { pictureStrip } from './picture-strip';
import type { Picture, RunFigures } from './run-figures';
import { pictureOf, qualityOf, qualityText } from './student-figures';

export interface InlineNote {
  /** Offset of what says the student's steps; the note goes to the end of its line. */
  readonly at: number;
  /** Addresses of the pictures, in the students' order. */
  readonly pictures: readonly string[];
  readonly text: string;
}

/** Pixels. */
interface Size {
  readonly height: number;
  readonly widest: number;
}

/** Of a sweep, so many pictures, each narrower. */
const [MOST_PICTURES, NARROW, WIDE] = [6, 48, 240];
/** As many images as a samples run's picture has at most. */
const MOST_IMAGES = 64;

/** @param height of a picture, in pixels */
export function inlineNotes(file: ExperimentText, matches: MatchedRuns, figures: RunFigures, height: number): InlineNote[] {
  return file.students.flatMap(({ steps }, i): InlineNote[] => {
    const students = matches.students[i] ?? [];
    if (steps === undefined) return [];
    const pictures = students.flatMap((student) => addressOf(student, figures, { height, widest: students.length > 1 ? NARROW : WIDE }) ?? []).slice(0, MOST_PICTURES);
    const text = textOf(students, figures);
    return pictures.length === 0 && text === '' ? [] : [{ at: steps.end, pictures, text }];
  });
}

function addressOf(student: MatchedStudent, figures: RunFigures, size: Size): string | undefined {
  const picture = pictureOf(student, figures);
  const run = student.matched?.run;
  return picture && run && strip(picture, run, student.samples, size);
}

const strips = new Map<string, string | undefined>();

/** Kept by file, time and size, as every keystroke asks for it. */
function strip(picture: Picture, student: RunSummary, samples: readonly RunSummary[], size: Size): string | undefined {
  const across = acrossOf(picture, student, samples);
  const key = JSON.stringify([picture.file, picture.time, size, across]);
  if (!strips.has(key)) {
    if (strips.size > 200) strips.clear();
    strips.set(key, readStrip(picture.file, size, across));
  }
  return strips.get(key);
}

function readStrip(file: string, size: Size, across: number | undefined): string | undefined {
  try {
    return pictureStrip(fs.readFileSync(file), { ...size, ...(across === undefined ? {} : { across }) });
  } catch {
    // It was deleted a moment ago.
    return undefined;
  }
}

/** Tiles in a row, where the picture is a grid of images; 2-D data is drawn as one scatter. */
function acrossOf({ file }: Picture, student: RunSummary, samples: readonly RunSummary[]): number | undefined {
  const dataset = textAt(student.config, 'dataset', 'name');
  if (dataset !== 'mnist' && dataset !== 'idx') return undefined;
  const source = samples.find((run) => file.startsWith(run.dir));
  const n = source && keyOf(source.config, 'n');
  return typeof n === 'number' ? Math.ceil(Math.sqrt(Math.min(MOST_IMAGES, n))) : undefined;
}

function textOf(students: readonly MatchedStudent[], figures: RunFigures): string {
  const measured = students.flatMap((student) => {
    const quality = qualityOf(student, figures);
    return quality ? [{ student, quality }] : [];
  });
  const best = measured.reduce<(typeof measured)[number] | undefined>((least, one) => (least && score(least) <= score(one) ? least : one), undefined);
  if (best === undefined) return '';
  return students.length === 1 ? qualityText(best.quality) : `best ${best.student.name}: ${qualityText(best.quality)}`;
}

const score = ({ quality }: { quality: { lines: readonly { value: { median: number } | null }[] } }): number => Math.min(...quality.lines.map(({ value }) => value?.median ?? Infinity));

function keyOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function textAt(value: JsonValue, ...keys: string[]): string | undefined {
  const found = keys.reduce<JsonValue | undefined>(keyOf, value);
  return typeof found === 'string' ? found : undefined;
}
