/** What whole paths and local pairs share when the teacher takes fewer steps than the fine grid has. */

/** Last of the steps, within an item's address, of the normals for what the steps' noises leave open of a signature; they count downwards. */
export const REMAINDER = 0xfffffffe;

/** `parts` + 1 indices from begin to end, as even as integers allow; every fine node where the interval has no more of them. */
export function spread(begin: number, end: number, parts: number): Int32Array {
  const count = Math.min(parts, end - begin);
  return Int32Array.from({ length: count + 1 }, (_, j) => begin + Math.round((j * (end - begin)) / count));
}
