/** 2-D points on a canvas, over [−extent, extent]². */
export interface Cloud {
  /** [n, 2] */
  readonly points: Float32Array;
  readonly colour: string;
  /** In CSS pixels. */
  readonly radius: number;
}

/** Sets the canvas to `side` CSS pixels and draws the clouds, the first at the bottom. */
export function drawScatter(canvas: HTMLCanvasElement, side: number, extent: number, clouds: readonly Cloud[]): void {
  const density = devicePixelRatio || 1;
  const pixels = Math.round(side * density);
  if (canvas.width !== pixels) [canvas.width, canvas.height] = [pixels, pixels];
  canvas.style.width = canvas.style.height = `${side}px`;
  const context = canvas.getContext('2d')!;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, pixels, pixels);
  context.globalAlpha = 0.65;
  const scale = pixels / (2 * extent);
  for (const { points, colour, radius } of clouds) {
    const r = Math.max(1, radius * density);
    context.fillStyle = colour;
    // Squares, as thousands of arcs are too slow to play.
    for (let i = 0; i + 1 < points.length; i += 2) context.fillRect((points[i]! + extent) * scale - r / 2, (extent - points[i + 1]!) * scale - r / 2, r, r);
  }
  context.globalAlpha = 1;
}
