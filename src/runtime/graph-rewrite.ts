/** Operations that a recorded graph does in a better way than the kernel that was observed. */
import type { OpAttribute } from './graph-def';
import type { TensorInfo } from './tf';

/**
 * The operation to write down for one that ran. tfjs multiplies matrices by `BatchMatMulV2`, which has no fast path for a single pair and which TensorFlow's graph
 * optimiser does not fuse with the bias; `MatMul` has both. At batch 64 that halves a training step.
 */
export function rewritten(op: string, inputs: readonly string[], attributes: readonly OpAttribute[], tensors: readonly TensorInfo[]): [op: string, inputs: readonly string[], attributes: readonly OpAttribute[]] {
  if (op === 'BatchMatMulV2' && tensors.every(({ shape }) => shape.length === 2)) {
    return ['MatMul', inputs, attributes.map((attribute) => ({ ...attribute, name: MATMUL_NAMES[attribute.name] ?? attribute.name }))];
  }
  return [op, inputs, attributes];
}

const MATMUL_NAMES: Readonly<Record<string, string>> = { adj_x: 'transpose_a', adj_y: 'transpose_b' };
