/** SVG → PNG in WebAssembly, with the font of a package, so that the same drawing gives the same bytes on every machine. */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';

const WASM = '@resvg/resvg-wasm/index_bg.wasm';
const FONTS = ['@fontsource/dejavu-sans/files/dejavu-sans-latin-400-normal.woff2', '@fontsource/dejavu-sans/files/dejavu-sans-latin-700-normal.woff2'];

interface Renderer {
  readonly Resvg: typeof import('@resvg/resvg-wasm').Resvg;
  readonly fonts: Uint8Array[];
}

let loading: Promise<Renderer> | undefined;

/** Once a process: `initWasm` refuses to be called again. */
async function load(): Promise<Renderer> {
  const { resolve } = createRequire(__filename);
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  await initWasm(fs.readFileSync(resolve(WASM)));
  return { Resvg, fonts: FONTS.map((file) => new Uint8Array(fs.readFileSync(resolve(file)))) };
}

/** A PNG of `zoom` pixels per unit of the drawing. The drawing must spell out its colours: CSS variables mean nothing here. */
export async function rasterise(svg: string, zoom = 2): Promise<Uint8Array> {
  const { Resvg, fonts } = await (loading ??= load());
  const family = 'DejaVu Sans';
  const drawing = new Resvg(svg, { font: { fontBuffers: fonts, defaultFontFamily: family, sansSerifFamily: family }, fitTo: { mode: 'zoom', value: zoom } });
  const image = drawing.render();
  const png = image.asPng();
  image.free();
  drawing.free();
  return png;
}
