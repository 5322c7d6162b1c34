/**
 * Sorts float32 numbers by their bits: least significant digit first, 11 bits a pass. Written out because comparing sorts, the engine's own included, take six
 * times as long on the tens of thousands of projections that a sliced distance sorts hundreds of times.
 */

const DIGIT = 11;
const BUCKETS = 1 << DIGIT;

/** The values in ascending order, as a new array; NaN beyond all others. */
export function sortedFloats(values: Float32Array): Float32Array {
  const n = values.length;
  const bits = new Uint32Array(values.buffer, values.byteOffset, n);
  let from = new Uint32Array(n);
  let to = new Uint32Array(n);
  // Negative numbers have all bits turned, the others the sign: so the order of the integers is that of the floats.
  for (let i = 0; i < n; i++) from[i] = bits[i]! >>> 31 === 1 ? ~bits[i]! : bits[i]! ^ 0x80000000;
  const starts = new Uint32Array(BUCKETS);
  for (let shift = 0; shift < 32; shift += DIGIT) {
    starts.fill(0);
    for (let i = 0; i < n; i++) starts[(from[i]! >>> shift) & (BUCKETS - 1)]!++;
    for (let b = 0, sum = 0; b < BUCKETS; b++) {
      const count = starts[b]!;
      starts[b] = sum;
      sum += count;
    }
    for (let i = 0; i < n; i++) {
      const key = from[i]!;
      to[starts[(key >>> shift) & (BUCKETS - 1)]!++] = key;
    }
    [from, to] = [to, from];
  }
  for (let i = 0; i < n; i++) from[i] = from[i]! >>> 31 === 1 ? from[i]! ^ 0x80000000 : ~from[i]!;
  return new Float32Array(from.buffer);
}
