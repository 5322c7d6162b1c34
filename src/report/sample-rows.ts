/** Images: a row for each contestant, a column for each item, the same noise down a column. */
import { imageGrid } from '../formats/image-grid';
import { encodePng } from '../formats/png';
import { contestantTitle, isStudent } from './comparison';
import { pictureShape, shownChannels } from './image-channels';
import type { SampleSet } from './input';
import { setNote } from './samples-note';
import { drawing, el, pngAddress, text } from './svg';
import type { Theme } from './theme';

const [MARGIN, HEAD, GAP, LEAST_WIDTH] = [8, 20, 2, 480];

/** Images [n, …itemShape] in [−1, 1]; as many columns as fit 480 units at twice their size, at least four. Throws RangeError for items that are no images. */
export function sampleRows(sets: readonly SampleSet[], itemShape: readonly number[], metric: string, theme: Theme, zoom = 2): string {
  const shape = pictureShape(itemShape);
  if (shape === undefined) throw new RangeError(`sample rows: expected images [H, W] or [H, W, C], found [${itemShape.join(', ')}]`);
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const shown = sets.map((set) => ({ ...set, samples: shownChannels(set.samples, itemShape) }));
  const [tileW, tileH] = [width * zoom, height * zoom];
  const fitting = Math.max(4, Math.floor((LEAST_WIDTH - 2 * MARGIN + GAP) / (tileW + GAP)));
  const columns = Math.min(fitting, ...shown.map(({ samples }) => Math.floor(samples.length / size)));
  const pitch = HEAD + tileH + GAP + 6;
  const total = Math.max(LEAST_WIDTH, 2 * MARGIN + columns * (tileW + GAP) - GAP);
  const rows = shown.map((set, row) => {
    const { contestant, samples } = set;
    const top = MARGIN + row * pitch;
    const name = contestant === 'data' ? 'Data (its own items, no shared noise)' : `${contestantTitle(contestant)} · ${setNote(set, metric)}`;
    const tiles = Array.from({ length: columns }, (_, column) => {
      // One image a tile: between them the page shows through, light or dark.
      const png = encodePng(imageGrid({ images: samples.subarray(column * size, (column + 1) * size), itemShape: shape, rows: 1, columns: 1, range: [-1, 1], margin: 0, zoom }));
      return el('image', { x: MARGIN + column * (tileW + GAP), y: top + HEAD, width: tileW, height: tileH, href: pngAddress(png), 'image-rendering': 'optimizeSpeed' });
    });
    return text(MARGIN, top + 14, name, theme.ink, { size: 12, bold: contestant !== 'data' && (contestant.teacher || isStudent(contestant)) }) + tiles.join('');
  });
  return drawing(total, 2 * MARGIN + sets.length * pitch - 6, theme, `Samples: rows ${sets.map(({ contestant }) => (contestant === 'data' ? 'data' : contestantTitle(contestant))).join(', ')}`, ...rows);
}
