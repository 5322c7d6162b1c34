import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SigdegError } from '../../src/core/errors';
import { decodeNpy, encodeNpy } from '../../src/formats/npy';
import { decodeSafetensors, encodeSafetensors, type TensorData } from '../../src/formats/safetensors';
import { fixture, fixturePath } from './fixture';

type Plain = number | string | boolean;

/** Values as the scripts write them: 'nan', 'inf' and integers beyond 2^53 are text, booleans are bytes here. */
const value = (plain: Plain): number => (plain === 'nan' ? NaN : plain === 'inf' ? Infinity : plain === '-inf' ? -Infinity : Number(plain));
const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));

describe('npy', () => {
  const { good, refused } = fixture('npy.json') as { good: { name: string; shape: number[]; base64: string; values: Plain[] }[]; refused: { name: string; says: string; base64: string }[] };

  test.each(good)('reads what numpy wrote: $name', ({ base64, shape, values }) => {
    const array = decodeNpy(bytesOf(base64), 'x.npy');
    expect(array.shape).toEqual(shape);
    expect(Array.from(array.data)).toEqual(values.map(value));
  });

  test.each(refused)('refuses with BAD_FILE and one line: $name', ({ base64, says }) => {
    const thrown = thrownBy(() => decodeNpy(bytesOf(base64), 'x.npy'));
    expect(thrown).toMatchObject({ code: 'BAD_FILE', message: expect.stringMatching(/^x\.npy: [^\n]+$/) as unknown });
    expect(thrown.message).toContain(says);
  });
});

test('safetensors reads what Python wrote, in every type that it knows', () => {
  const { tensors: expected } = fixture('safetensors.json') as { tensors: Record<string, { dtype: string; shape: number[]; values: Plain[] }> };
  const { tensors, metadata } = decodeSafetensors(readFileSync(fixturePath('python.safetensors')), 'python.safetensors');
  expect(metadata).toEqual({ format: 'pt', note: 'Grüße' });
  expect([...tensors.keys()].sort()).toEqual(Object.keys(expected).sort());
  for (const [name, { dtype, shape, values }] of Object.entries(expected)) {
    const found = tensors.get(name)!;
    expect([name, found.dtype, found.shape]).toEqual([name, dtype === 'F16' || dtype === 'BF16' ? 'F32' : dtype, shape]);
    if (dtype === 'I64') expect(Array.from(found.data as BigInt64Array, String)).toEqual(values.map(String));
    else expect(Array.from(found.data as Float32Array)).toEqual(values.map(value));
  }
});

test('safetensors of a type that we do not know is refused by name', () => {
  expect(thrownBy(() => decodeSafetensors(readFileSync(fixturePath('float8.safetensors')), 'x.safetensors'))).toMatchObject({
    code: 'BAD_FILE',
    message: expect.stringContaining('F8_E4M3') as unknown,
  });
});

interface ReadByPython {
  safetensors: { metadata: object; tensors: Record<string, { torch: string; shape: number[]; values: Plain[] }> };
  npy: { dtype: string; shape: number[]; values: Plain[] };
}

describe('Python reads what we write', () => {
  const read = (): ReadByPython => fixture('ours-read-by-python.json') as ReadByPython;
  const tensors = new Map<string, TensorData>([
    ['odd bytes first', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 255) }],
    ['weights', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(0.1, -0, 3e38, 1e-45) }],
    ['double', { dtype: 'F64', shape: [], data: Float64Array.of(Math.PI) }],
    ['long', { dtype: 'I64', shape: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n) }],
    ['short', { dtype: 'I16', shape: [1, 3], data: Int16Array.of(-32768, 0, 32767) }],
    ['flags', { dtype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) }],
    ['empty', { dtype: 'F32', shape: [0, 2], data: new Float32Array(0) }],
    ['größe', { dtype: 'I32', shape: [1], data: Int32Array.of(-7) }],
  ]);
  const TORCH: Readonly<Record<string, string>> = { F32: 'float32', F64: 'float64', I64: 'int64', I32: 'int32', I16: 'int16', U8: 'uint8', BOOL: 'bool' };
  const array = { shape: [2, 3], data: Float32Array.of(0.1, -2, 3e38, 1e-45, Infinity, -0) };

  test('safetensors', () => {
    const bytes = encodeSafetensors(tensors, { note: 'Grüße' });
    expectFile('ours.safetensors', bytes);
    const { safetensors } = read();
    expect(safetensors.metadata).toEqual({ note: 'Grüße' });
    expect(Object.keys(safetensors.tensors).sort()).toEqual([...tensors.keys()].sort());
    for (const [name, { dtype, shape, data }] of tensors) {
      const found = safetensors.tensors[name]!;
      expect([name, found.torch, found.shape]).toEqual([name, `torch.${TORCH[dtype]}`, shape]);
      if (dtype === 'I64') expect(found.values.map(String)).toEqual(Array.from(data as BigInt64Array, String));
      else expect(found.values.map(value)).toEqual(Array.from(data as Float32Array));
    }
  });

  test('npy', () => {
    expectFile('ours.npy', encodeNpy(array));
    const { npy } = read();
    expect([npy.dtype, npy.shape]).toEqual(['<f4', array.shape]);
    expect(npy.values.map(value)).toEqual(Array.from(array.data));
  });
});

/** The bytes are the ones that Python has read. With SIGDEG_WRITE_GOLDEN=1 they are written; then make_formats.py must run again. */
function expectFile(name: string, bytes: Uint8Array): void {
  const file = fixturePath(name);
  if (process.env['SIGDEG_WRITE_GOLDEN'] === '1') writeFileSync(file, bytes);
  expect(Buffer.compare(readFileSync(file), bytes), `${name} differs: README.md beside this test says how to write it again`).toBe(0);
}

function thrownBy(run: () => unknown): SigdegError {
  try {
    run();
  } catch (error) {
    if (error instanceof SigdegError) return error;
    throw error;
  }
  throw new Error('expected a SigdegError, nothing was thrown');
}
