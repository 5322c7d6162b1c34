/**
 * Matrix products in WebAssembly SIMD, for the small dense layers of these networks: a tile of rows × 8 columns of the result stays in registers while it
 * runs along the inner dimension. The right factor is packed first, eight columns after eight columns, so that it is read in order; the left one is read where
 * it lies, by rows or, as its transpose, by columns. Every element of the result sums its products in the order of the inner dimension, whatever the number of
 * rows: an item's numbers do not depend on its batch.
 *
 * Addresses and strides are in bytes.
 */
import { f32x4, FunctionBody, i32, v128, type I32, type Variable } from '../../core/wasm/assembler';
import { advance, loopBy } from './loops';

/** Columns of a packed panel. */
export const PANEL = 8;
const PANEL_BYTES = 4 * PANEL;
/** Rows of a tile: with four the tile, eight numbers of the right factor, four of the left and a product fill the fifteen registers that V8 has on x86-64. */
const TILE_ROWS = 4;

const PARAMETERS = ['out', 'outStride', 'start', 'startStride', 'a', 'aStride', 'b', 'rows', 'panels', 'inner'] as const;

/**
 * `productRows` and `productColumns`: out [rows, 8 panels] = start + a b. Row r of `start` lies at start + r startStride: a stride of 0 repeats one row, as a bias
 * is. With `a` by rows row r lies at a + r aStride; by columns, element k of all rows at a + k aStride.
 */
export function matrixProduct(layout: 'rows' | 'columns'): FunctionBody {
  const f = new FunctionBody(layout === 'rows' ? 'productRows' : 'productColumns', PARAMETERS);
  const [outStride, startStride, aStride, inner] = (['outStride', 'startStride', 'aStride', 'inner'] as const).map((name) => f.parameter(name)) as [I32, I32, I32, I32];
  const panelOut = f.variable('i32', f.parameter('out'));
  const panelStart = f.variable('i32', f.parameter('start'));
  const panelB = f.variable('i32', f.parameter('b'));
  const panels = f.variable('i32', f.parameter('panels'));
  const out = f.variable('i32', i32.const(0));
  const start = f.variable('i32', i32.const(0));
  const a = f.variable('i32', i32.const(0));
  const b = f.variable('i32', i32.const(0));
  const rows = f.variable('i32', i32.const(0));
  const left = f.variable('i32', i32.const(0));

  const tile = (height: number): void => {
    const sums: Variable<'v128'>[] = [];
    for (let r = 0; r < height; r++) {
      sums.push(f.variable('v128', v128.load(start.get)), f.variable('v128', v128.load(start.get, 16)));
      advance(start, startStride);
    }
    const row: Variable<'i32'>[] = [f.variable('i32', a.get)];
    if (layout === 'rows') for (let r = 1; r < height; r++) row.push(f.variable('i32', i32.add(row[r - 1]!.get, aStride)));
    b.set(panelB.get);
    left.set(inner);
    // One element of the inner dimension a round: of more, V8 would load all factors first, into more registers than there are.
    loopBy(f, left, 1, () => {
      const b0 = f.let(v128.load(b.get));
      const b1 = f.let(v128.load(b.get, 16));
      for (let r = 0; r < height; r++) {
        const x = f.let(layout === 'rows' ? v128.loadSplat32(row[r]!.get) : v128.loadSplat32(row[0]!.get, 4 * r));
        sums[2 * r]!.set(f32x4.add(sums[2 * r]!.get, f32x4.mul(x, b0)));
        sums[2 * r + 1]!.set(f32x4.add(sums[2 * r + 1]!.get, f32x4.mul(x, b1)));
      }
      for (const pointer of row) advance(pointer, layout === 'rows' ? i32.const(4) : aStride);
      advance(b, i32.const(PANEL_BYTES));
    });
    for (let r = 0; r < height; r++) {
      f.do(v128.store(out.get, sums[2 * r]!.get), v128.store(out.get, sums[2 * r + 1]!.get, 16));
      advance(out, outStride);
    }
    a.set(layout === 'rows' ? i32.add(a.get, i32.mul(aStride, i32.const(height))) : i32.add(a.get, i32.const(4 * height)));
  };

  loopBy(f, panels, 1, () => {
    out.set(panelOut.get);
    start.set(panelStart.get);
    a.set(f.parameter('a'));
    rows.set(f.parameter('rows'));
    loopBy(f, rows, TILE_ROWS, () => { tile(TILE_ROWS); });
    loopBy(f, rows, 1, () => { tile(1); });
    advance(panelOut, i32.const(PANEL_BYTES));
    advance(panelStart, i32.const(PANEL_BYTES));
    advance(panelB, i32.mul(inner, i32.const(PANEL_BYTES)));
  });
  return f;
}

/**
 * `packRows` and `packColumns`: puts the `panels` full panels of b [inner, 8 panels] one after the other, as `matrixProduct` reads them. By rows row k lies at
 * b + k bStride; by columns, which packs a transpose, column n lies there.
 */
export function packing(layout: 'rows' | 'columns'): FunctionBody {
  const f = new FunctionBody(layout === 'rows' ? 'packRows' : 'packColumns', ['out', 'b', 'bStride', 'inner', 'panels']);
  const stride = f.parameter('bStride');
  const out = f.variable('i32', f.parameter('out'));
  const panelB = f.variable('i32', f.parameter('b'));
  const b = f.variable('i32', i32.const(0));
  const panels = f.variable('i32', f.parameter('panels'));
  const left = f.variable('i32', i32.const(0));
  loopBy(f, panels, 1, () => {
    left.set(f.parameter('inner'));
    if (layout === 'rows') {
      b.set(panelB.get);
      loopBy(f, left, 1, () => {
        f.do(v128.store(out.get, v128.load(b.get)), v128.store(out.get, v128.load(b.get, 16), 16));
        advance(b, stride);
        advance(out, i32.const(PANEL_BYTES));
      });
      advance(panelB, i32.const(PANEL_BYTES));
      return;
    }
    const columns = [f.variable('i32', panelB.get)];
    for (let n = 1; n < PANEL; n++) columns.push(f.variable('i32', i32.add(columns[n - 1]!.get, stride)));
    loopBy(f, left, 1, () => {
      columns.forEach((column, n) => { f.do(v128.store32Lane(out.get, v128.loadSplat32(column.get), 0, 4 * n)); });
      for (const column of columns) advance(column, i32.const(4));
      advance(out, i32.const(PANEL_BYTES));
    });
    advance(panelB, i32.mul(stride, i32.const(PANEL)));
  });
  return f;
}
