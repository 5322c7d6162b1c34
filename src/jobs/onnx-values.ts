/** What a line to the user says of an ONNX file's inputs and outputs. */
import { SigdegError } from '../core/errors';
import { printable } from '../core/printable';
import type { OnnxValueInfo } from '../runtime/onnx-session';

/** `sample float32 [batch, 1, 28, 28], timestep int64 [batch]`; a free extent without a name is a question mark. */
export const describeValues = (values: readonly OnnxValueInfo[]): string =>
  values.map(({ name, type, shape }) => `${printable(name)} ${type} [${shape.map((extent) => (typeof extent === 'string' ? printable(extent) || '?' : extent)).join(', ')}]`).join(', ') || 'none';

/** The value of a name, or the only one there is. @throws SigdegError BAD_USAGE with what there is */
export function onlyValue(values: readonly OnnxValueInfo[], name: string | undefined, what: string, where: string): OnnxValueInfo {
  const found = name === undefined ? (values.length === 1 ? values[0] : undefined) : values.find((value) => value.name === name);
  if (found) return found;
  throw new SigdegError('BAD_USAGE', `${where}: expected ${name === undefined ? `the name of one ${what}` : `an ${what} «${name}»`}, found ${describeValues(values)}`);
}
