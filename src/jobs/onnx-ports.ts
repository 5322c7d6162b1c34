/** Which of an ONNX file's inputs and outputs are a denoiser's: found where there is one choice, else asked for in one line with what the file has. */
import { SigdegError } from '../core/errors';
import type { OnnxLayout, OnnxNetConfig } from '../nets/onnx-names';
import type { OnnxValueInfo } from '../runtime/onnx-session';
import { describeValues } from './onnx-values';

const ROLES = ['x', 'time', 'alpha', 'sigma'] as const;
type Role = (typeof ROLES)[number];

export interface PortWishes {
  readonly inputs: Readonly<Partial<Record<Role, string | undefined>>>;
  readonly output?: string | undefined;
  /** Of an item, channels last. */
  readonly shape?: readonly number[] | undefined;
  readonly layout?: OnnxLayout | undefined;
}

export interface Ports extends Pick<OnnxNetConfig, 'inputs' | 'output' | 'layout'> {
  readonly time: OnnxValueInfo;
  /** Of an item, channels last. */
  readonly shape: readonly number[];
}

/** `x=sample,time=timestep`. @throws SigdegError BAD_USAGE */
export function parseNames(text: string): PortWishes['inputs'] {
  const pairs = text.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()] as const);
  const bad = pairs.find(([role, name], i) => !ROLES.some((known) => known === role) || name === '' || pairs.findIndex(([other]) => other === role) !== i);
  if (bad) throw new SigdegError('BAD_USAGE', `--input-names: expected x=NAME,time=NAME (and alpha=NAME, sigma=NAME where the model has them), found '${text}'`);
  return Object.fromEntries(pairs);
}

/** `28,28,1` or `2`. @throws SigdegError BAD_USAGE */
export function parseShape(text: string): number[] {
  const shape = text.split(',').map(Number);
  if (text.trim() === '' || ![1, 3].includes(shape.length) || shape.some((extent) => !Number.isInteger(extent) || extent < 1)) throw new SigdegError('BAD_USAGE', `--shape: expected height,width,channels of an item, such as 28,28,1, or the length of a vector, found '${text}'`);
  return shape;
}

/** @throws SigdegError BAD_USAGE for what has to be named, or is not there; UNSUPPORTED for items that are neither vectors nor images */
export function choosePorts({ inputs, outputs }: { inputs: readonly OnnxValueInfo[]; outputs: readonly OnnxValueInfo[] }, wishes: PortWishes, where: string): Ports {
  const has = `it has the inputs ${describeValues(inputs)} and the outputs ${describeValues(outputs)}`;
  const ask = (what: string): SigdegError => new SigdegError('BAD_USAGE', `${where}: expected ${what}: ${has}`);
  const names = Object.values(wishes.inputs).filter((name) => name !== undefined);
  const absent = names.find((name) => !inputs.some((input) => input.name === name));
  if (absent !== undefined) throw ask(`an input of the model in --input-names, found «${absent}»`);

  const free = inputs.filter(({ name }) => !names.includes(name));
  const x = chosen(inputs, wishes.inputs.x, [free.filter(isImage), free.filter(isVector)]);
  if (x === undefined) throw ask('--input-names x=NAME,time=NAME, since the state is not told apart from the rest');
  const time = chosen(inputs, wishes.inputs.time, [free.filter((input) => input !== x)]);
  if (time === undefined) throw ask('--input-names time=NAME, the input that is told the time');
  const left = free.filter((input) => input !== x && input !== time);
  if (left.length > 0) throw ask(`no inputs but the state, the time, alpha and sigma, found also ${describeValues(left)}; export the model with these fixed, or say --input-names alpha=NAME,sigma=NAME where they are those`);

  if (wishes.output !== undefined && !outputs.some(({ name }) => name === wishes.output)) throw ask(`an output of the model in --output-name, found «${wishes.output}»`);
  const output = chosen(outputs, wishes.output, [outputs, outputs.filter(({ type, shape }) => type === 'float32' && shape.length === x.shape.length)]);
  if (output === undefined) throw ask('--output-name NAME, the output that predicts');
  const { alpha, sigma } = wishes.inputs;
  return { inputs: { x: x.name, time: time.name, ...(alpha === undefined ? {} : { alpha }), ...(sigma === undefined ? {} : { sigma }) }, output: output.name, time, ...formOf(x, wishes, where, ask) };
}

const isImage = ({ type, shape }: OnnxValueInfo): boolean => type === 'float32' && shape.length === 4;
/** [batch, 1] is a time. */
const isVector = ({ type, shape }: OnnxValueInfo): boolean => type === 'float32' && shape.length === 2 && shape[1] !== 1;

/** The value of a name; without one the first stage that leaves a single candidate. */
function chosen(values: readonly OnnxValueInfo[], name: string | undefined, stages: readonly (readonly OnnxValueInfo[])[]): OnnxValueInfo | undefined {
  if (name !== undefined) return values.find((value) => value.name === name);
  return stages.find((stage) => stage.length === 1)?.[0];
}

/** How many channels pictures have; more are taken only where the layout is named. */
const MOST_CHANNELS = 4;

function formOf(x: OnnxValueInfo, { shape, layout }: PortWishes, where: string, ask: (what: string) => SigdegError): { shape: readonly number[]; layout: OnnxLayout } {
  const extents = x.shape.slice(1);
  if (extents.length !== 1 && extents.length !== 3) throw new SigdegError('UNSUPPORTED', `${where}: input «${x.name}»: expected vectors [batch, length] or images of rank 4, found ${describeValues([x])}`);
  const layouts = extents.length === 1 ? (['nhwc'] as const) : layout === undefined ? (['nchw', 'nhwc'] as const) : [layout];
  const fitting = layouts.flatMap((one) => {
    const own = extents.length === 3 && one === 'nchw' ? [extents[1]!, extents[2]!, extents[0]!] : extents;
    return shape === undefined || (shape.length === own.length && shape.every((extent, i) => typeof own[i] === 'string' || own[i] === extent)) ? [{ layout: one, own }] : [];
  });
  if (fitting.length === 0) throw ask(`a --shape that fits «${x.name}»${layout === undefined ? '' : ` (${layout})`}, found ${shape!.join(',')}`);
  if (shape === undefined && extents.some((extent) => typeof extent === 'string')) throw ask(`--shape, since «${x.name}» leaves the size of an item open`);
  const plausible = fitting.filter(({ own }) => layout !== undefined || own.length === 1 || Number(shape?.at(-1) ?? own.at(-1)) <= MOST_CHANNELS);
  if (plausible.length !== 1) throw ask(`--layout nchw or nhwc, since «${x.name}» could be both`);
  const { own, layout: found } = plausible[0]!;
  return { shape: shape ?? own.map(Number), layout: found };
}
