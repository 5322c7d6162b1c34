/** Operations that a recorded graph does in a better way than the kernel that was observed. */
import { DATA_TYPE, typeAttribute, type DataTypeName, type OpAttribute } from './graph-def';
import type { TensorInfo } from './tf';

/**
 * The operation to write down for one that ran. tfjs multiplies matrices by `BatchMatMulV2`, which has no fast path for a single pair and which TensorFlow's graph
 * optimiser does not fuse with the bias; `MatMul` has both. At batch 64 that halves a training step. A bias is named as such, so that it is fused wherever it stands.
 */
export function rewritten(op: string, inputs: readonly string[], attributes: readonly OpAttribute[], tensors: readonly TensorInfo[]): Operation {
  const [a, b] = tensors.map(({ shape }) => shape);
  if (op === 'BatchMatMulV2' && a?.length === 2 && b?.length === 2) {
    return ['MatMul', inputs, attributes.map((attribute) => ({ ...attribute, name: MATMUL_NAMES[attribute.name] ?? attribute.name }))];
  }
  if (op === 'Add' && a !== undefined && a.length > 1 && b?.length === 1 && a.at(-1) === b[0]) return ['BiasAdd', inputs, attributes];
  // The package leaves this one's types to be inferred, which happens in eager execution only.
  if (op === 'ExpandDims') return [op, inputs, [typeAttribute('T', DATA_TYPE[tensors[0]!.dtype as DataTypeName]), typeAttribute('Tdim', DATA_TYPE.int32)]];
  return [op, inputs, attributes];
}

type Operation = [op: string, inputs: readonly string[], attributes: readonly OpAttribute[]];

const MATMUL_NAMES: Readonly<Record<string, string>> = { adj_x: 'transpose_a', adj_y: 'transpose_b' };
