/** The weights beside a model's config.json: one safetensors file, or several with an index. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import { SigdegError } from '../core/errors';
import { printable } from '../core/printable';
import { decodeSafetensors, safetensorsLayout, type SafetensorsEntry, type TensorData } from '../formats/safetensors';
import type { Unet2dArchitecture } from '../nets/unet2d-config';
import { unet2dSpecs } from '../nets/unet2d-specs';
import { fromDiffusers, ourShape, presentName, theirShape } from '../nets/unet2d-weights';
import { hashBytes } from '../store/hash';
import { isPickle, pickle, readJson } from './diffusers-files';

export interface WeightFile {
  readonly file: string;
  readonly entries: readonly SafetensorsEntry[];
}

/** What Node reads at once. */
const MOST_BYTES = 2 ** 31 - 1;
const WEIGHTS = /^diffusion_pytorch_model(\.\w+)?\.safetensors$/;
const INDEX = /^diffusion_pytorch_model\.safetensors\.index(\.\w+)?\.json$/;
const SHARD = /-\d{5}-of-\d{5}\./;
const IndexFile = z.object({ weight_map: z.record(z.string(), z.string()) });

/** The weight files of a model's folder with what their heads say. @throws SigdegError NOT_FOUND, BAD_FILE, UNSUPPORTED (nothing but pickles) */
export function weightFiles(folder: string): WeightFile[] {
  const names = fs.readdirSync(folder).sort((a, b) => a.length - b.length);
  const whole = names.find((name) => WEIGHTS.test(name) && !SHARD.test(name));
  if (whole !== undefined) return [headOf(path.join(folder, whole))];
  const index = names.find((name) => INDEX.test(name));
  if (index !== undefined) return shards(folder, path.join(folder, index));
  const pickled = names.find(isPickle);
  if (pickled !== undefined) throw pickle(path.join(folder, pickled));
  const shard = names.find((name) => SHARD.test(name));
  throw new SigdegError('NOT_FOUND', `${folder}: expected diffusion_pytorch_model.safetensors, found ${shard === undefined ? 'no weights' : `«${printable(shard)}» without diffusion_pytorch_model.safetensors.index.json`}: get the folder again`);
}

function shards(folder: string, index: string): WeightFile[] {
  const parsed = IndexFile.safeParse(readJson(index));
  if (!parsed.success) throw new SigdegError('BAD_FILE', `${index}: expected weight_map, from names of tensors to names of files; get the file again`);
  const map = new Map(Object.entries(parsed.data.weight_map));
  const files = [...new Set(map.values())].sort();
  const strange = files.find((name) => path.basename(name) !== name || !name.endsWith('.safetensors'));
  if (strange !== undefined) throw isPickle(strange) ? pickle(path.join(folder, path.basename(strange))) : new SigdegError('BAD_FILE', `${index}: expected names of safetensors files beside it, found «${printable(strange)}»`);
  const missing = files.filter((name) => !fs.existsSync(path.join(folder, name)));
  if (missing.length > 0) throw new SigdegError('NOT_FOUND', `${folder}: expected ${files.length} shards, ${missing.length} missing: ${missing.slice(0, 3).join(', ')}: get the folder again, whole`);
  const heads = files.map((name) => headOf(path.join(folder, name)));
  for (const { file, entries } of heads) {
    const stray = entries.find(({ name }) => map.get(name) !== path.basename(file));
    if (stray) throw new SigdegError('BAD_FILE', `${file}: «${printable(stray.name)}» is not where the index says: get the folder again`);
  }
  return heads;
}

/** Reads a file's header alone. */
function headOf(file: string): WeightFile {
  const descriptor = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(descriptor);
    if (size > MOST_BYTES) throw new SigdegError('UNSUPPORTED', `${file}: expected at most ${MOST_BYTES} bytes a file, found ${size}: write it again in shards (save_pretrained with max_shard_size="1GB")`);
    const read = (begin: number, end: number): Uint8Array => {
      const bytes = new Uint8Array(end - begin);
      return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, bytes.length, begin));
    };
    return { file, entries: safetensorsLayout(size, read, file).entries };
  } finally {
    fs.closeSync(descriptor);
  }
}

const FLOATS = ['F64', 'F32', 'F16', 'BF16'];

/** That the files hold exactly the parameters that the architecture has. @throws SigdegError BAD_FILE */
export function checkWeights(files: readonly WeightFile[], architecture: Unet2dArchitecture): void {
  const expected = new Map(unet2dSpecs(architecture, portsOf(architecture)).map(({ name, shape }) => [name, shape]));
  const seen = new Set<string>();
  for (const { file, entries } of files) {
    for (const entry of entries) {
      const name = presentName(entry.name);
      const shape = expected.get(name);
      const bad = (text: string): SigdegError => new SigdegError('BAD_FILE', `${file}: «${printable(entry.name)}»: ${text}: weights and config.json are not of one model`);
      if (shape === undefined) throw bad('a parameter that config.json does not speak of');
      if (seen.has(name)) throw bad('found twice');
      const ours = ourShape(name, entry.shape);
      if (ours.length !== shape.length || ours.some((extent, i) => extent !== shape[i])) throw bad(`expected [${theirShape(name, shape).join(', ')}], found [${entry.shape.join(', ')}]`);
      if (!FLOATS.includes(entry.dtype)) throw bad(`expected one of ${FLOATS.join(', ')}, found ${entry.dtype}`);
      seen.add(name);
    }
  }
  const missing = [...expected.keys()].filter((name) => !seen.has(name));
  if (missing.length > 0) throw new SigdegError('BAD_FILE', `${files[0]!.file}: expected ${expected.size} parameters, ${missing.length} are missing, such as «${missing[0]!}»: weights and config.json are not of one model`);
}

export const portsOf = (a: Unet2dArchitecture): { inputs: number; outputs: number; times: number } => ({ inputs: a.in_channels, outputs: a.out_channels, times: 1 });

export const fileHash = (file: string): string => hashBytes(fs.readFileSync(file));

/**
 * The tensors of checked files in our names and layout, in float32.
 * @param sha256 what the files held when they were checked. @throws SigdegError BAD_FILE when one has changed since, or holds a number that is none.
 */
export function loadWeights(files: readonly { file: string; sha256: string }[]): Map<string, TensorData> {
  const tensors = new Map<string, TensorData>();
  for (const { file, sha256 } of files) {
    const bytes = fs.readFileSync(file);
    if (hashBytes(bytes) !== sha256) throw new SigdegError('BAD_FILE', `${file}: changed since it was imported: import it again`);
    for (const [name, tensor] of decodeSafetensors(bytes, file).tensors) {
      const bad = (tensor.data as Float32Array).findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) throw new SigdegError('BAD_FILE', `${file}: «${printable(name)}»: expected finite numbers, found ${String(tensor.data[bad])} at position ${bad}: get the file again`);
      tensors.set(presentName(name), fromDiffusers(presentName(name), tensor));
    }
  }
  return tensors;
}
