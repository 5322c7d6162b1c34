/** Numbers by position, in memory or read from a file when they are asked for: what is too large for the memory looks the same as what is not. */
export interface FloatSource {
  /** How many there are. */
  readonly length: number;
  /** Numbers `begin` … `begin + count − 1`, as a view that holds until the next call, of any source. */
  read(begin: number, count: number): Float32Array;
}

export const inMemory = (data: Float32Array): FloatSource => ({ length: data.length, read: (begin, count) => data.subarray(begin, begin + count) });
