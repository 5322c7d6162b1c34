/** Numbers of 16 bits: IEEE 754 half precision and bfloat16. */

/** bfloat16 is the upper half of a float32. */
export function upperHalvesToFloats(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < bits.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

let allHalves: Float32Array | undefined;

/** By a table of all 65 536, once there are many to look up. */
export function halvesToFloats(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  if (halves.length < 65536) {
    for (let i = 0; i < floats.length; i++) floats[i] = halfToFloat(halves[i]!);
    return floats;
  }
  const table = (allHalves ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits)));
  for (let i = 0; i < floats.length; i++) floats[i] = table[halves[i]!]!;
  return floats;
}

/** IEEE 754 half precision. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The nearest half-precision number of each, ties to even; beyond 65 504 infinity. */
export function floatsToHalves(floats: Float32Array): Uint16Array {
  return Uint16Array.from(floats, (value) => {
    const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
    const size = Math.abs(value);
    if (Number.isNaN(value)) return 0x7e00;
    if (size >= 65520) return sign | 0x7c00;
    // Numbers below 2^-14 share its spacing of 2^-24.
    const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size));
    const steps = roundToEven(size / 2 ** (exponent - 10));
    return sign | (size < 2 ** -14 ? steps : ((exponent + 15) << 10) + steps - 1024);
  });
}

function roundToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
