/** A label beside the point under the pointer, for lines that Chart.js does not know. */
import { short } from '../src/core/number-text';
import { h } from './dom';
import { nearestPoint, type Plot, type Stroke } from './strokes';

const REACH = 24;

/** Follows the pointer over the canvas, which lies in `holder`. */
export function hoverLabel(holder: HTMLElement, canvas: HTMLCanvasElement, seen: () => { readonly plot: Plot; readonly strokes: readonly Stroke[] } | undefined): void {
  const label = h('div', { class: 'hover', 'aria-hidden': 'true', hidden: true });
  const dot = h('div', { class: 'hover-dot', 'aria-hidden': 'true', hidden: true });
  holder.append(dot, label);
  const hide = (): void => { label.hidden = dot.hidden = true; };
  canvas.addEventListener('pointerleave', hide);
  canvas.addEventListener('pointermove', (event) => {
    const now = seen();
    const hit = now && event.buttons === 0 ? nearestPoint(now.plot, now.strokes, event.offsetX, event.offsetY, REACH) : null;
    if (hit === null) {
      hide();
      return;
    }
    const { stroke, index, x, y } = hit;
    label.replaceChildren(h('strong', {}, stroke.label), h('div', {}, `step ${stroke.xs[index]!}`), h('div', {}, `${stroke.what} ${short(stroke.ys[index]!)}`));
    label.hidden = dot.hidden = false;
    dot.style.left = `${x}px`;
    dot.style.top = `${y}px`;
    dot.style.borderColor = stroke.style.colour;
    // On the side where there is room.
    label.style.left = `${Math.max(0, x + 14 + label.offsetWidth > holder.clientWidth ? x - 14 - label.offsetWidth : x + 14)}px`;
    label.style.top = `${Math.max(0, y - label.offsetHeight - 8)}px`;
  });
}
