/** Pictures of every sampler on the same noise: rows items, columns sampler @ steps, one slider of training step over all of them. */
import { choice, segmented, slider } from '../controls';
import { debounced, h } from '../dom';
import { figure } from '../figure';
import { Loader } from '../loader';
import { chosenModel, chosenRuns, UNTRUSTED, type Panel, type View } from '../panel';
import type { Grid, PictureSet } from '../protocol';
import type { TableModel } from '../table-model';
import type { UiState } from '../ui-state';
import { canvasPng } from '../chart';
import { composeGrid, inOrder, itemName, rowsOf, showImages, showPoints, type GridPicture } from './grid-picture';

/** Grids that stay in memory, so that the slider moves without waiting. */
const KEPT = 24;

export function samplesView(panel: Panel): View {
  const state = (): UiState['samples'] => panel.state.now.samples;
  const body = h('div', { class: 'grid-holder' });
  const kept = new Map<string, Grid>();
  let sets: readonly PictureSet[] = [];
  let grid: Grid | undefined;
  let picture: GridPicture | undefined;
  const chosen = (): PictureSet | undefined => sets.find((set) => set.id === state().set) ?? sets[0];

  const askGridSoon = debounced(80, () => { askGrid(); });
  const setChoice = choice<string>('Pictures', [], '', (set) => { panel.state.patch('samples', { set, trainingStep: null }); askGrid(); });
  const views = segmented('View', [{ value: 'side', label: 'Side by side' }, { value: 'wipe', label: 'Wipe' }, { value: 'difference', label: 'Difference' }], state().view, (view) => { panel.state.patch('samples', { view }); draw(); });
  const trainingSlider = slider('Training step', { min: 0, max: 0, step: 1, text: (at) => stepText(chosen()?.trainingSteps[at]) }, 0, (at) => {
    const steps = chosen()?.trainingSteps ?? [];
    // The last step stays the last while training goes on.
    panel.state.patch('samples', { trainingStep: at === steps.length - 1 ? null : steps[at] ?? null });
    const known = kept.get(key());
    if (known) show(known);
    else askGridSoon();
  });
  const wipeSlider = slider('Wipe', { min: 0, max: 100, step: 1, text: (at) => `${at} % teacher` }, state().wipe * 100, (at) => { wipeTo(at / 100); });
  const frame = figure(panel, {
    tab: 'samples', title: 'Samples on the same noise', controls: [setChoice, views, trainingSlider, wipeSlider], body,
    png: () => { if (grid === undefined) throw new Error('there are no pictures'); return canvasPng(composeGrid(grid, state())); },
    table: () => (grid ? likenessTable(grid) : undefined),
  });
  const loader = new Loader(frame.element, panel.perform.bind(panel));

  // Any of its runs may have drawn something new.
  const key = (): string => {
    const set = chosen();
    return JSON.stringify([set?.id, panel.all().filter(({ id }) => set?.runs.includes(id)).map(({ id, revision }) => [id, revision]), trainingStep()]);
  };
  const trainingStep = (): number | null => {
    const wanted = state().trainingStep;
    return wanted !== null && chosen()?.trainingSteps.includes(wanted) === true ? wanted : null;
  };
  const wipeTo = (wipe: number): void => {
    panel.state.patch('samples', { wipe });
    wipeSlider.set(Math.round(wipe * 100));
    picture?.wipe(wipe);
  };

  function ask(): void {
    const runs = chosenRuns(panel, loader);
    if (runs === undefined) return;
    loader.load(async (signal) => {
      const { pictures } = await panel.connection.ask<'catalogue'>({ kind: 'catalogue', runs }, { signal });
      sets = pictures;
      return await fetchGrid(signal);
    }, arrived);
  }

  const askGrid = (): void => { loader.load(fetchGrid, arrived); };

  async function fetchGrid(signal: AbortSignal): Promise<Grid | null> {
    const set = chosen();
    if (set === undefined) return null;
    const wanted = key();
    const answer = kept.get(wanted) ?? await panel.connection.ask<'grid'>({ kind: 'grid', set: set.id, runs: panel.selected().map((run) => run.id), trainingStep: trainingStep() }, { signal });
    kept.set(wanted, answer);
    for (const old of [...kept.keys()].slice(0, -KEPT)) kept.delete(old);
    return answer;
  }

  function arrived(answer: Grid | null): void {
    if (answer !== null) {
      show(answer);
      return;
    }
    const run = chosenModel(panel);
    loader.say({
      title: 'No samples yet', text: 'The chosen runs have drawn no pictures. Sample a teacher or a student to see what it makes.',
      actions: [{ title: 'Sample…', run: () => { panel.perform({ kind: 'command', command: 'sample', run }); }, disabled: panel.trusted ? null : UNTRUSTED }],
    });
  }

  function show(answer: Grid): void {
    grid = inOrder(answer);
    const set = chosen();
    const steps = set?.trainingSteps ?? [];
    setChoice.setOptions(sets.map(({ id, label }) => ({ value: id, label })), set?.id ?? '');
    setChoice.element.hidden = sets.length < 2;
    trainingSlider.element.hidden = steps.length < 2;
    trainingSlider.setRange(0, Math.max(0, steps.length - 1));
    const wanted = trainingStep();
    trainingSlider.set(wanted === null ? Math.max(0, steps.length - 1) : steps.indexOf(wanted));
    draw();
  }

  function draw(): void {
    if (grid === undefined) return;
    const comparable = grid.kind === 'images' && grid.columns.some((column) => column.teacher);
    views.element.hidden = !comparable;
    wipeSlider.element.hidden = !comparable || state().view !== 'wipe';
    const view = comparable ? state().view : 'side';
    frame.note(view === 'wipe' ? 'Left of the line: the teacher on the same noise. Drag over any picture.' : view === 'difference' ? 'Largest difference of a pixel to the teacher’s picture: dark is none, yellow half the range or more.' : '');
    picture = grid.kind === 'images' ? showImages(body, grid, view, state().wipe, wipeTo) : showPoints(body, grid);
    frame.update();
  }

  addEventListener('resize', debounced(100, () => { if (body.isConnected && body.clientWidth > 0) draw(); }));
  return { element: loader.element, show: ask, refresh: () => { loader.loadNext(ask); }, retheme: draw };
}

const stepText = (step: number | undefined): string => (step === undefined ? '' : step.toLocaleString('en').replaceAll(',', ' '));

function likenessTable(grid: Grid): TableModel {
  if (grid.kind === 'points') {
    return { caption: 'Distance to the teacher’s points on the same noise', columns: ['sampler', 'points', 'RMSE'], rows: grid.columns.map((column) => [column.label, column.points.length / 2, column.rmse]) };
  }
  return {
    caption: 'Likeness to the teacher’s picture on the same noise',
    columns: ['sampler', 'item', 'PSNR (dB)', 'SSIM'],
    rows: grid.columns.filter((column) => !column.teacher).flatMap(({ label, likeness }) => rowsOf(grid).map((r) => {
      const psnr = likeness?.psnr[r] ?? Infinity;
      return [label, itemName(grid, r), likeness === null ? null : psnr === Infinity ? 'equal' : psnr, likeness?.ssim[r] ?? null];
    })),
  };
}
