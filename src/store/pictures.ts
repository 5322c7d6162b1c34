/**
 * Samples kept in a run for looking at: some items of several contestants on the same noise, in model units, with what each column is.
 *
 *   samples/pictures.safetensors                       of an evaluation or a samples run
 *   samples/reference/pictures.safetensors             of a teacher: what it makes of the noise that its students are shown with
 *   samples/step-00000500/pictures.safetensors         of a student in training, one folder a checkpoint
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import { SigdegError } from '../core/errors';
import { decodeSafetensors, encodeSafetensors, type TensorData } from '../formats/safetensors';
import { atomicWrite, makeFolder } from './atomic';
import { diskError } from './disk-error';
import { RunId } from './inside';

const FILE = 'pictures.safetensors';
/** Larger ones are not ours. */
const MOST_BYTES = 256 * 1024 * 1024;

const Column = z.object({
  run: RunId,
  sampler: z.string(),
  steps: z.number(),
  depth: z.number().nullable(),
  grid: z.string(),
  /** The reference that others are held against. */
  teacher: z.boolean(),
});
const Head = z.object({
  /** Seed of the noise; item i is item i of the sampling stream. */
  seed: z.number(),
  columns: z.array(Column).min(1).max(1000),
  /** Of a class-conditional model: the name of each item's class. */
  classes: z.array(z.string()).optional(),
  guidance: z.number().optional(),
});

export type PictureColumn = z.infer<typeof Column>;

export interface Pictures {
  readonly seed: number;
  /** Shape of one item, channels last. */
  readonly itemShape: readonly number[];
  /** Items of every column. */
  readonly count: number;
  /** Names of the items' classes, where they were drawn of some. */
  readonly classes?: readonly string[] | undefined;
  /** The guidance scale that they were drawn at. */
  readonly guidance?: number | undefined;
  /** Samples: [count, …itemShape] flat. */
  readonly columns: readonly (PictureColumn & { readonly samples: Float32Array })[];
}

/** Path inside the run of the folder of a student's pictures at a training step. */
export const stepFolder = (step: number): string => `samples/step-${String(step).padStart(8, '0')}`;
export const REFERENCE_FOLDER = 'samples/reference';
export const SAMPLES_FOLDER = 'samples';

/** Training steps of which a run has pictures, rising. */
export function pictureSteps(dir: string): number[] {
  let names: string[];
  try {
    names = fs.readdirSync(path.join(dir, SAMPLES_FOLDER));
  } catch {
    return [];
  }
  return names.flatMap((name) => (/^step-\d{8,12}$/.test(name) ? [Number(name.slice(5))] : [])).filter((step) => hasPictures(dir, stepFolder(step))).sort((a, b) => a - b);
}

export const hasPictures = (dir: string, folder: string): boolean => fs.existsSync(path.join(dir, folder, FILE));

/** @throws SigdegError NO_SPACE, NO_ACCESS */
export function writePictures(dir: string, folder: string, { seed, itemShape, count, columns, classes, guidance }: Pictures): void {
  const tensors = new Map<string, TensorData>(columns.map(({ samples }, i) => [String(i), { dtype: 'F32', shape: [count, ...itemShape], data: samples }]));
  const head: z.infer<typeof Head> = { seed, columns: columns.map(({ samples: _, ...column }) => column), ...(classes && { classes: [...classes] }), ...(guidance !== undefined && { guidance }) };
  makeFolder(path.join(dir, folder));
  atomicWrite(path.join(dir, folder, FILE), encodeSafetensors(tensors, { pictures: JSON.stringify(head) }));
}

/** @throws SigdegError NOT_FOUND, BAD_FILE, NO_ACCESS */
export async function readPictures(dir: string, folder: string): Promise<Pictures> {
  const { tensors, head, file } = await readTensors(path.join(dir, folder, FILE), 'pictures', Head);
  const [first] = tensors.values();
  const [count, ...itemShape] = first?.shape ?? [];
  const columns = head.columns.map((column, i) => {
    const tensor = tensors.get(String(i));
    if (tensor?.dtype !== 'F32' || tensor.shape.join() !== first!.shape.join()) throw unsound(file, `column ${i} is missing or of another shape`);
    return { ...column, samples: tensor.data as Float32Array };
  });
  if (count === undefined || itemShape.length === 0) throw unsound(file, 'its samples have no shape');
  return { seed: head.seed, itemShape, count, columns, classes: head.classes, guidance: head.guidance };
}

const unsound = (file: string, what: string): SigdegError => new SigdegError('BAD_FILE', `${file}: ${what}; run the same command again`);

/** A safetensors file whose metadata has a JSON value of some schema under `key`. @throws SigdegError NOT_FOUND, BAD_FILE, NO_ACCESS */
export async function readTensors<S extends z.ZodType>(file: string, key: string, schema: S): Promise<{ tensors: Map<string, TensorData>; head: z.infer<S>; file: string }> {
  let bytes: Uint8Array;
  try {
    if ((await fs.promises.stat(file)).size > MOST_BYTES) throw unsound(file, `expected at most ${MOST_BYTES} bytes`);
    bytes = await fs.promises.readFile(file);
  } catch (error) {
    throw diskError(error, file);
  }
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  let value: unknown;
  try {
    value = JSON.parse(metadata[key] ?? '');
  } catch {
    throw unsound(file, `it does not say what it holds (${key})`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw unsound(file, `it does not say what it holds (${key}: ${parsed.error.issues[0]?.message ?? 'unreadable'})`);
  return { tensors, head: parsed.data, file };
}
