/**
 * What every dataset looks like to the rest of the program: items of one shape, by index, in model units. `fill` depends on the index
 * alone, never on the order of the calls, so that training can be resumed and split at will.
 */

/** model = (data − offset) / scale. Recorded with the run that was trained on it. */
export interface Normalisation {
  readonly offset: number;
  readonly scale: number;
}

export interface Dataset {
  readonly name: string;
  /** Shape of one item, channels last: [2] or [28, 28, 1]. */
  readonly itemShape: readonly number[];
  /** Number of items. */
  readonly count: number;
  readonly normalisation: Normalisation;
  /** Writes item `index` (0 … count − 1) to `out` from position `at`, in model units. Throws RangeError for an index outside. */
  fill(out: Float32Array, at: number, index: number): void;
  /** What its classes are called, where it has any. */
  readonly classes?: readonly string[];
  /** Class of item `index`, an index into `classes`. */
  label?(index: number): number;
}

/** As many names as the largest label asks for: those that the set is known by where they suffice, else the numbers themselves. */
export function classNames(labels: ArrayLike<number>, known: readonly string[] = []): readonly string[] {
  let largest = -1;
  for (let i = 0; i < labels.length; i++) largest = Math.max(largest, labels[i]!);
  return largest < known.length ? known : Array.from({ length: largest + 1 }, (_, label) => String(label));
}

/** data = model · scale + offset, as a new array. */
export function toDataUnits(values: Float32Array, normalisation: Normalisation): Float32Array {
  const { offset, scale } = normalisation;
  return values.map((value) => value * scale + offset);
}

/** The guard of every `fill`: a wrong index is a bug of the caller and must not silently read zeros. */
export function checkIndex(name: string, count: number, index: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(`${name}: item ${index} does not exist, there are ${count}`);
  }
}
