import * as path from 'node:path';
import { withPngText } from '../formats/png';
import { htmlReport } from '../report/html-report';
import { rasterise } from '../report/rasterise';
import { reportPictures } from '../report/report-pictures';
import { LIGHT } from '../report/theme';
import { atomicWrite, makeFolder } from '../store/atomic';
import { rowsOf } from '../store/events';
import { REPORT_FILE } from '../store/run';
import type { JobContext } from './context';
import { pictureText } from './picture-text';
import { reportInput } from './report-input';

/** Draws what an evaluation has measured: `report.html`, and every picture of it as a PNG in `samples/`. */
export async function writeReport(context: JobContext, seconds: number): Promise<void> {
  context.events.flush();
  const input = reportInput(context, rowsOf(context.dir), seconds);
  atomicWrite(path.join(context.dir, REPORT_FILE), htmlReport(input));
  makeFolder(path.join(context.dir, 'samples'));
  const text = pictureText({ dir: context.dir, models: context.manifest.parents, seeds: [...new Set(input.rows.map(({ seed }) => seed))], more: { weights: 'ema' } });
  for (const { name, draw } of reportPictures(input)) {
    const file = `samples/${name}.png`;
    atomicWrite(path.join(context.dir, file), withPngText(await rasterise(draw(LIGHT)), text));
    context.events.append({ type: 'image', name, step: 0, path: file });
  }
}
