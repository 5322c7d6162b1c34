/** What whole paths and local pairs share when the teacher takes fewer steps than the fine grid has. */

/** Last of the steps, within an item's address, of the normals for what the steps' noises leave open of a signature; they count downwards. */
export const REMAINDER = 0xfffffffe;

/** sums[i, k] += q z[i] for every item i: sums [count, depth, size], z [count, size], all flat. */
export function addTerm(sums: Float64Array, k: number, q: number, z: Float32Array | Float64Array, { count, depth, size }: { count: number; depth: number; size: number }): void {
  for (let i = 0; i < count; i++) {
    const at = (i * depth + k) * size;
    for (let d = 0; d < size; d++) sums[at + d]! += q * z[i * size + d]!;
  }
}

/** `parts` + 1 indices from begin to end, as even as integers allow; every fine node where the interval has no more of them. */
export function spread(begin: number, end: number, parts: number): Int32Array {
  const count = Math.min(parts, end - begin);
  return Int32Array.from({ length: count + 1 }, (_, j) => begin + Math.round((j * (end - begin)) / count));
}
