/** 2-D samples on their way from noise to data: plays, stops, and goes where the slider is. Who asked for less motion sees frame after frame instead of a film. */
import { short } from '../../src/core/number-text';
import { contestantColour } from '../../src/report/series';
import { canvasPng, onPaper } from '../chart';
import { button, choice, slider } from '../controls';
import { debounced, h } from '../dom';
import { figure } from '../figure';
import { between, tileSide } from '../layout';
import { Loader } from '../loader';
import { chosenRuns, type Panel, type View } from '../panel';
import type { Flow, FlowChoice } from '../protocol';
import { currentTheme, faded } from '../theme';
import { drawScatter } from './scatter';

/** A film's length, and how long a frame stands without motion. */
const [FILM_MS, STILL_MS] = [4000, 900];
/** Positions of the slider between two frames. */
const PARTS = 20;

export function flowView(panel: Panel): View {
  const canvas = h('canvas', { role: 'img' });
  const body = h('div', { class: 'flow' }, canvas);
  const stillness = matchMedia('(prefers-reduced-motion: reduce)');
  // The editor's own setting reaches a page as a class.
  const isStill = (): boolean => stillness.matches || document.body.classList.contains('vscode-reduce-motion');
  let flows: readonly FlowChoice[] = [];
  let flow: Flow | undefined;
  let frame = panel.state.now.flow.frame;
  let playing: number | undefined;
  const timeText = (): string => {
    if (flow === undefined) return '';
    const { from, to, share } = between(frame, flow.frames.length);
    return `t = ${short(Number(((1 - share) * (flow.times[from] ?? 0) + share * (flow.times[to] ?? 0)).toFixed(3)))}`;
  };

  const flowChoice = choice<string>('Sampler', [], '', (id) => { panel.state.patch('flow', { flow: id }); stop(); ask(); });
  const play = button('Play', () => { if (playing === undefined) start(); else stop(); }, { appearance: 'primary' });
  const scrub = slider('Time', { min: 0, max: 1, step: 1, text: () => timeText() }, 0, (at) => { stop(); moveTo(at / PARTS); keep(); });
  const box = figure(panel, {
    tab: 'flow', title: 'Flow from noise to data', controls: [flowChoice, { element: play }, scrub], body,
    png: () => canvasPng(onPaper(canvas)),
    table: () => flow && ({
      caption: `${flow.label}: points at diffusion time ${timeText()}`,
      columns: ['point', 'x', 'y'],
      rows: pairs(positions(flow, frame)).map(([x, y], i) => [i, x, y]),
    }),
  });
  const loader = new Loader(box.element, panel.perform.bind(panel));
  const chosen = (): FlowChoice | undefined => flows.find((one) => one.id === panel.state.now.flow.flow) ?? flows[0];
  const last = (): number => Math.max(0, (flow?.frames.length ?? 1) - 1);
  const keep = debounced(200, () => { panel.state.patch('flow', { frame }); if (box.tableShown) box.update(); });

  function ask(): void {
    const runs = chosenRuns(panel, loader);
    if (runs === undefined) {
      stop();
      return;
    }
    loader.load(async (signal) => {
      flows = (await panel.connection.ask<'catalogue'>({ kind: 'catalogue', runs }, { signal })).flows;
      const one = chosen();
      return one === undefined ? null : await panel.connection.ask<'flow'>({ kind: 'flow', flow: one.id }, { signal });
    }, (answer) => {
      if (answer === null) {
        loader.say({ title: 'No flow to play', text: 'Only models of 2-D data have one: choose a run of 8-gaussians or checkerboard that has been sampled.', actions: [] });
        return;
      }
      flow = answer;
      flowChoice.setOptions(flows.map(({ id, label }) => ({ value: id, label })), chosen()?.id ?? '');
      scrub.setRange(0, last() * PARTS);
      moveTo(Math.min(frame, last()));
      box.note(flow.target ? 'Grey: where the samples should end.' : '');
      box.update();
    });
  }

  function moveTo(position: number): void {
    frame = position;
    scrub.set(Math.round(position * PARTS));
    draw();
  }

  function draw(): void {
    if (flow === undefined) return;
    const { ink } = currentTheme();
    const side = tileSide(body.clientWidth, 1, 0, 200, 520);
    drawScatter(canvas, side, flow.extent, [
      ...(flow.target ? [{ points: flow.target, colour: faded(ink, 0.6), radius: 2 }] : []),
      { points: positions(flow, frame), colour: contestantColour(flow, ink), radius: 3 },
    ]);
    canvas.setAttribute('aria-label', `${flow.label}, ${flow.frames[0]!.length / 2} points at ${timeText()}`);
  }

  function start(): void {
    if (flow === undefined) return;
    play.replaceChildren('Pause');
    if (frame >= last()) moveTo(0);
    const [first, begun] = [frame, performance.now()];
    const tick = (now: number): void => {
      const still = isStill();
      const position = still ? Math.floor(first) + Math.floor((now - begun) / STILL_MS) : first + ((now - begun) / FILM_MS) * last();
      if (position !== frame) moveTo(Math.min(position, last()));
      if (frame >= last()) stop();
      else playing = requestAnimationFrame(tick);
    };
    playing = requestAnimationFrame(tick);
  }

  function stop(): void {
    if (playing !== undefined) cancelAnimationFrame(playing);
    playing = undefined;
    play.replaceChildren('Play');
    keep();
  }

  addEventListener('resize', debounced(100, draw));
  return { element: loader.element, show: ask, refresh: () => { if (playing === undefined) loader.loadNext(ask); }, retheme: draw, hide: stop };
}

/** Points between two frames go straight. */
function positions(flow: Flow, position: number): Float32Array {
  const { from, to, share } = between(position, flow.frames.length);
  const [a, b] = [flow.frames[from]!, flow.frames[to]!];
  return share === 0 ? a : a.map((value, i) => value + share * (b[i]! - value));
}

const pairs = (points: Float32Array): [number, number][] => Array.from({ length: points.length / 2 }, (_, i) => [points[2 * i]!, points[2 * i + 1]!]);
