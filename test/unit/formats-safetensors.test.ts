import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SigdegError } from '../../src/core/errors';
import { decodeSafetensors, encodeSafetensors, type TensorData } from '../../src/formats/safetensors';

const example = (): Map<string, TensorData> => new Map<string, TensorData>([
  ['a', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
  ['b', { dtype: 'U8', shape: [3], data: Uint8Array.of(7, 8, 9) }],
  ['c', { dtype: 'F64', shape: [], data: Float64Array.of(Math.PI) }],
]);

test('what is written is read back, also from a Buffer that lies inside a larger one', () => {
  const bytes = encodeSafetensors(example(), { note: 'x' });
  const larger = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.from([9])]);
  const { tensors, metadata } = decodeSafetensors(larger.subarray(3, 3 + bytes.length), 'test');
  expect(metadata).toEqual({ note: 'x' });
  for (const [name, tensor] of example()) expect(tensors.get(name)).toEqual(tensor);
});

test('a file that is cut off anywhere is refused with BAD_FILE', () => {
  const bytes = encodeSafetensors(example());
  fc.assert(fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
    expect(() => decodeSafetensors(bytes.subarray(0, length), 'test')).toThrow(SigdegError);
  }));
});

test('a header that claims more than the file holds is refused before anything is allocated', () => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, 2n ** 60n, true);
  expect(() => decodeSafetensors(bytes, 'test')).toThrow(/header claims/);
});
