/**
 * Any function of tensors as an ONNX graph with a free batch size: it is traced at two batch sizes, and what differs between the two is what depends on the
 * batch. tfjs keeps images as [batch, height, width, channels], and so does the graph; convolutions transpose on their way in and out.
 */
import { SigdegError } from '../core/errors';
import type { OnnxModel, OnnxNode, OnnxTensor } from '../formats/onnx';
import type * as tf from '../runtime/tf';
import { trace, type KernelCall, type Trace } from '../runtime/trace';

/** Largest int64 that JavaScript holds exactly: "to the end" of a slice. */
const TO_THE_END = Number.MAX_SAFE_INTEGER;
const BATCHES = [2, 3] as const;
export const BATCH = 'batch';

/** The graph's parts; the caller names and describes the model. */
export type OnnxGraph = Pick<OnnxModel, 'inputs' | 'outputs' | 'nodes' | 'initializers'>;

/**
 * @param fn pure; made of kernels in the table below
 * @param example inputs for a batch size; those that do not depend on it keep their shape
 * @param outputs names of the results
 * @throws SigdegError UNSUPPORTED for an operation that has no ONNX form here
 */
export function onnxGraph(fn: (inputs: Readonly<Record<string, tf.Tensor>>) => tf.Tensor[], example: (batch: number) => Record<string, tf.Tensor>, outputs: readonly string[]): OnnxGraph {
  const [a, b] = BATCHES.map((batch) => {
    const inputs = example(batch);
    try {
      return trace(fn, inputs);
    } finally {
      for (const tensor of Object.values(inputs)) tensor.dispose();
    }
  }) as [Trace, Trace];
  return new Lowering(a, b).graph(outputs);
}

/** What a kernel becomes: nodes that compute its outputs from its inputs. */
type Rule = (lowering: Lowering, call: KernelCall, twin: KernelCall) => void;

/** One node with the kernel's inputs, in the order of these names. */
const plain = (op: string, ...inputs: string[]): Rule => (lowering, call) => {
  lowering.emit(op, inputs.map((name) => lowering.input(call, name)), call);
};

const reduction = (op: 'ReduceMean' | 'ReduceSum'): Rule => (lowering, call) => {
  const axes = [call.attributes['axis'] as number | number[]].flat();
  const keepdims = call.attributes['keepDims'] === true ? 1 : 0;
  const x = lowering.input(call, 'x');
  // In opset 17 the axes of a sum are an input and those of a mean an attribute.
  if (op === 'ReduceSum') lowering.emit(op, [x, lowering.integers(axes)], call, { keepdims });
  else lowering.emit(op, [x], call, { axes, keepdims });
};

const RULES: Readonly<Record<string, Rule>> = {
  Abs: plain('Abs', 'x'),
  Add: plain('Add', 'a', 'b'),
  BatchMatMul: (lowering, call) => {
    const operand = (name: 'a' | 'b', transposed: unknown): string => {
      const rank = call.inputs[name]!.shape.length;
      const perm = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
      return transposed === true ? lowering.node('Transpose', [lowering.input(call, name)], { perm }) : lowering.input(call, name);
    };
    lowering.emit('MatMul', [operand('a', call.attributes['transposeA']), operand('b', call.attributes['transposeB'])], call);
  },
  ClipByValue: (lowering, call) => {
    const { clipValueMin: low, clipValueMax: high } = call.attributes as { clipValueMin: number; clipValueMax: number };
    lowering.emit('Clip', [lowering.input(call, 'x'), lowering.scalar(low), lowering.scalar(high)], call);
  },
  Concat: (lowering, call) => {
    lowering.emit('Concat', Object.keys(call.inputs).map((name) => lowering.input(call, name)), call, { axis: call.attributes['axis'] as number });
  },
  Conv2D: (lowering, call) => {
    const { strides, pad, dilations, dataFormat } = call.attributes as { strides: number | number[]; pad: unknown; dilations: number | number[]; dataFormat: string };
    if (dataFormat !== 'NHWC' || (pad !== 'same' && pad !== 'valid')) throw unsupported(`a convolution with pad ${JSON.stringify(pad)}`);
    const pair = (value: number | number[]): number[] => (Array.isArray(value) ? value : [value, value]);
    const x = lowering.node('Transpose', [lowering.input(call, 'x')], { perm: [0, 3, 1, 2] });
    const filter = lowering.node('Transpose', [lowering.input(call, 'filter')], { perm: [3, 2, 0, 1] });
    const attributes = { strides: pair(strides), dilations: pair(dilations), auto_pad: pad === 'same' ? 'SAME_UPPER' : 'VALID' };
    lowering.emit('Transpose', [lowering.node('Conv', [x, filter], attributes)], call, { perm: [0, 2, 3, 1] });
  },
  Erf: plain('Erf', 'x'),
  Exp: plain('Exp', 'x'),
  ExpandDims: (lowering, call) => {
    lowering.emit('Unsqueeze', [lowering.input(call, 'input'), lowering.integers([call.attributes['dim'] as number])], call);
  },
  Identity: plain('Identity', 'x'),
  Maximum: plain('Max', 'a', 'b'),
  Mean: reduction('ReduceMean'),
  Minimum: plain('Min', 'a', 'b'),
  Multiply: plain('Mul', 'a', 'b'),
  Neg: plain('Neg', 'x'),
  PadV2: (lowering, call) => {
    const { paddings, constantValue } = call.attributes as { paddings: [number, number][]; constantValue: number };
    const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
    lowering.emit('Pad', [lowering.input(call, 'x'), lowering.integers(pads), lowering.scalar(constantValue)], call);
  },
  RealDiv: plain('Div', 'a', 'b'),
  Relu: plain('Relu', 'x'),
  Reshape: (lowering, call, twin) => {
    const shape = free(call.attributes['shape'] as number[], twin.attributes['shape'] as number[]);
    if (shape.filter((extent) => extent === undefined).length > 1) throw unsupported('a reshape in which two extents depend on the batch');
    lowering.emit('Reshape', [lowering.input(call, 'x'), lowering.integers(shape.map((extent) => extent ?? -1))], call);
  },
  ResizeNearestNeighbor: (lowering, call) => {
    const { halfPixelCenters, alignCorners } = call.attributes as { halfPixelCenters: boolean; alignCorners: boolean };
    const [, height = 0, width = 0] = call.inputs['images']!.shape;
    const [, tall = 0, wide = 0] = call.outputs[0]!.shape;
    if (halfPixelCenters || alignCorners || tall % height !== 0 || wide % width !== 0) throw unsupported('a resize that is no whole multiple');
    const scales = lowering.constant([4], Float32Array.of(1, tall / height, wide / width, 1));
    lowering.emit('Resize', [lowering.input(call, 'images'), '', scales], call, { mode: 'nearest', nearest_mode: 'floor', coordinate_transformation_mode: 'asymmetric' });
  },
  Rsqrt: (lowering, call) => {
    lowering.emit('Reciprocal', [lowering.node('Sqrt', [lowering.input(call, 'x')])], call);
  },
  Sigmoid: plain('Sigmoid', 'x'),
  Slice: (lowering, call, twin) => {
    const begin = call.attributes['begin'] as number[];
    const size = free(call.attributes['size'] as number[], twin.attributes['size'] as number[]);
    const ends = size.map((extent, i) => (extent === undefined || extent < 0 ? TO_THE_END : begin[i]! + extent));
    lowering.emit('Slice', [lowering.input(call, 'x'), lowering.integers(begin), lowering.integers(ends)], call);
  },
  Softmax: (lowering, call) => {
    lowering.emit('Softmax', [lowering.input(call, 'logits')], call, { axis: call.attributes['dim'] as number });
  },
  Softplus: plain('Softplus', 'x'),
  SplitV: (lowering, call) => {
    const axis = call.attributes['axis'] as number;
    lowering.emit('Split', [lowering.input(call, 'x'), lowering.integers(call.outputs.map(({ shape }) => shape.at(axis)!))], call, { axis });
  },
  Sqrt: plain('Sqrt', 'x'),
  Square: plain('Mul', 'x', 'x'),
  SquaredDifference: (lowering, call) => {
    const difference = lowering.node('Sub', [lowering.input(call, 'a'), lowering.input(call, 'b')]);
    lowering.emit('Mul', [difference, difference], call);
  },
  Sub: plain('Sub', 'a', 'b'),
  Sum: reduction('ReduceSum'),
  Tanh: plain('Tanh', 'x'),
  Tile: (lowering, call) => {
    lowering.emit('Tile', [lowering.input(call, 'x'), lowering.integers(call.attributes['reps'] as number[])], call);
  },
  Transpose: (lowering, call) => {
    lowering.emit('Transpose', [lowering.input(call, 'x')], call, { perm: call.attributes['perm'] as number[] });
  },
};

const unsupported = (what: string): SigdegError => new SigdegError('UNSUPPORTED', `ONNX export: ${what} has no form in the exported file; export as safetensors instead`);

/** The numbers that two traces agree on; undefined where they depend on the batch. */
const free = (a: readonly number[], b: readonly number[]): (number | undefined)[] => a.map((value, i) => (value === b[i] ? value : undefined));

class Lowering {
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers: OnnxTensor[] = [];
  private readonly names = new Map<number, string>();
  private readonly lists = new Map<string, string>();
  private count = 0;

  constructor(private readonly a: Trace, private readonly b: Trace) {}

  graph(outputs: readonly string[]): OnnxGraph {
    const { a, b } = this;
    const value = (name: string, shape: readonly number[], twin: readonly number[]) => ({ name, shape: free(shape, twin).map((extent) => extent ?? BATCH) });
    const inputs = Object.entries(a.inputs).map(([name, { id, shape }]) => {
      this.names.set(id, name);
      return value(name, shape, b.inputs[name]!.shape);
    });
    if (a.calls.length !== b.calls.length) throw unsupported('a function whose operations depend on the batch');
    a.calls.forEach((call, i) => {
      const rule = Object.hasOwn(RULES, call.kernel) ? RULES[call.kernel] : undefined;
      if (!rule) throw unsupported(`the operation ${call.kernel}`);
      rule(this, call, b.calls[i]!);
    });
    a.outputs.forEach(({ id }, i) => { this.nodes.push({ op: 'Identity', inputs: [this.nameOf(id)], outputs: [outputs[i]!] }); });
    return {
      inputs,
      outputs: a.outputs.map(({ shape }, i) => value(outputs[i]!, shape, b.outputs[i]!.shape)),
      nodes: this.nodes,
      initializers: this.initializers,
    };
  }

  /** The name of a kernel's input. */
  input(call: KernelCall, name: string): string {
    return this.nameOf(call.inputs[name]!.id, call.inputs[name]!.shape);
  }

  /** The node that computes a kernel's outputs. */
  emit(op: string, inputs: string[], call: KernelCall, attributes: OnnxNode['attributes'] = {}): void {
    const outputs = call.outputs.map(({ id }) => {
      const name = this.fresh();
      this.names.set(id, name);
      return name;
    });
    this.nodes.push({ op, inputs, outputs, attributes });
  }

  /** A node between. */
  node(op: string, inputs: string[], attributes: OnnxNode['attributes'] = {}): string {
    const output = this.fresh();
    this.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  integers(values: readonly number[]): string {
    const key = values.join(',');
    const known = this.lists.get(key);
    if (known !== undefined) return known;
    const name = this.fresh();
    this.initializers.push({ name, shape: [values.length], data: values });
    this.lists.set(key, name);
    return name;
  }

  scalar(value: number): string {
    return this.constant([], Float32Array.of(value));
  }

  constant(shape: readonly number[], data: Float32Array): string {
    const name = this.fresh();
    this.initializers.push({ name, shape, data });
    return name;
  }

  private fresh(): string {
    return `t${this.count++}`;
  }

  private nameOf(id: number, shape: readonly number[] = []): string {
    const known = this.names.get(id);
    if (known !== undefined) return known;
    const data = this.a.constants.get(id);
    const twin = this.b.constants.get(id);
    if (data === undefined) throw new SigdegError('INTERNAL', 'a traced tensor comes from nowhere');
    if (data.length !== twin?.length || data.some((x, i) => x !== twin[i])) throw unsupported('a constant that depends on the batch');
    const name = this.constant(shape, data);
    this.names.set(id, name);
    return name;
  }
}
