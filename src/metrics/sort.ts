/**
 * Sorts float32 numbers by their bits: least significant digit first, 11 bits a pass. Written out because comparing sorts, the engine's own included, take six
 * times as long on the tens of thousands of projections that a sliced distance sorts hundreds of times.
 */

const DIGIT = 11;
const BUCKETS = 1 << DIGIT;
const MASK = BUCKETS - 1;

/** How often each value of the three digits occurs, then where its next number goes. */
const low = new Uint32Array(BUCKETS);
const middle = new Uint32Array(BUCKETS);
const high = new Uint32Array(BUCKETS);
/** Between the passes. */
let scratch = new Uint32Array(0);

/** The values in ascending order, as a new array; NaN beyond all others. */
export function sortedFloats(values: Float32Array): Float32Array {
  const n = values.length;
  const bits = new Uint32Array(values.buffer, values.byteOffset, n);
  const first = new Uint32Array(n);
  if (scratch.length < n) scratch = new Uint32Array(n);
  const second = scratch;
  low.fill(0);
  middle.fill(0);
  high.fill(0);
  for (let i = 0; i < n; i++) {
    const word = bits[i]! | 0;
    // Negative numbers have all bits turned, the others the sign: so the order of the integers is that of the floats.
    const key = word ^ ((word >> 31) | 0x80000000);
    first[i] = key;
    low[key & MASK]!++;
    middle[(key >>> DIGIT) & MASK]!++;
    high[key >>> (2 * DIGIT)]!++;
  }
  for (const counts of [low, middle, high]) toStarts(counts);
  for (let i = 0; i < n; i++) {
    const key = first[i]! | 0;
    second[low[key & MASK]!++] = key;
  }
  for (let i = 0; i < n; i++) {
    const key = second[i]! | 0;
    first[middle[(key >>> DIGIT) & MASK]!++] = key;
  }
  for (let i = 0; i < n; i++) {
    const key = first[i]! | 0;
    second[high[key >>> (2 * DIGIT)]!++] = key ^ (~(key >> 31) | 0x80000000);
  }
  return new Float32Array(second.buffer.slice(0, 4 * n));
}

/** Turns counts into the sums of those before. */
function toStarts(counts: Uint32Array): void {
  for (let b = 0, sum = 0; b < BUCKETS; b++) {
    const count = counts[b]!;
    counts[b] = sum;
    sum += count;
  }
}
