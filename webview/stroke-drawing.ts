/**
 * Many long lines on one canvas. Chart.js keeps an object for every line and point, which takes 200 ms a frame for a thousand runs; here lines of one look are
 * one path.
 */
import { pixels, type Plot, type Stroke } from './strokes';

/** More lines than these are hair-thin and without dashes, which says nothing in such a crowd; a browser draws them ten times as fast. */
const CROWD = 40;

export function drawStrokes(context: CanvasRenderingContext2D, plot: Plot, strokes: readonly Stroke[]): void {
  const crowded = strokes.length > CROWD;
  const looks = new Map<string, Stroke[]>();
  for (const stroke of strokes) {
    const look = `${Number(!stroke.faint)} ${stroke.style.colour} ${crowded ? '' : `${stroke.style.dash} ${stroke.style.width}`}`;
    const alike = looks.get(look);
    if (alike) alike.push(stroke);
    else looks.set(look, [stroke]);
  }
  const at = pixels(plot);
  context.save();
  context.beginPath();
  context.rect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
  context.clip();
  context.lineJoin = 'bevel';
  // Faint ones, whose look begins with 0, lie under the others.
  for (const look of [...looks.keys()].sort((a, b) => a.charCodeAt(0) - b.charCodeAt(0))) {
    const alike = looks.get(look)!;
    const { style, faint } = alike[0]!;
    context.globalAlpha = faint ? 0.2 : 1;
    context.strokeStyle = style.colour;
    context.lineWidth = faint || crowded ? 1 : style.width;
    context.setLineDash(faint || crowded || style.dash === null ? [] : style.dash.split(' ').map(Number));
    context.beginPath();
    for (const { xs, ys } of alike) {
      let pen = false;
      for (let i = 0; i < xs.length; i++) {
        const y = at.y(ys[i]!);
        if (!Number.isFinite(y)) pen = false;
        else if (pen) context.lineTo(at.x(xs[i]!), y);
        else {
          context.moveTo(at.x(xs[i]!), y);
          pen = true;
        }
      }
    }
    context.stroke();
  }
  context.restore();
}
