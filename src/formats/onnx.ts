/**
 * ONNX models as bytes (the protocol buffers of onnx.proto3, https://onnx.ai/onnx/repo-docs/IR.html), opset 17. Only writing: what we read of ONNX files
 * goes through ONNX Runtime.
 */
import { PbfWriter } from 'pbf';

export const OPSET = 17;
/** Version of the file format that goes with the opset. */
const IR_VERSION = 8;
const FLOAT = 1;
const INT64 = 7;

export type OnnxAttribute = number | readonly number[] | string;

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers are written as integers, strings as strings. */
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Weights as float32, shapes and axes as int64. */
  readonly data: Float32Array | readonly number[];
}

/** An input or output of the model; an extent that is a word is free, and equal words are equal extents. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly name: string;
  readonly description: string;
  readonly producerVersion: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly metadata?: Readonly<Record<string, string>>;
}

export function encodeOnnx(model: OnnxModel): Uint8Array {
  const out = new PbfWriter();
  out.writeVarintField(1, IR_VERSION);
  out.writeStringField(2, 'sigdeg');
  out.writeStringField(3, model.producerVersion);
  out.writeStringField(6, model.description);
  out.writeMessage(7, writeGraph, model);
  out.writeMessage(8, (version, pbf) => { pbf.writeVarintField(2, version); }, OPSET);
  for (const entry of Object.entries(model.metadata ?? {})) {
    out.writeMessage(14, ([key, value], pbf) => {
      pbf.writeStringField(1, key);
      pbf.writeStringField(2, value);
    }, entry);
  }
  return out.finish();
}

function writeGraph(model: OnnxModel, out: PbfWriter): void {
  for (const node of model.nodes) out.writeMessage(1, writeNode, node);
  out.writeStringField(2, model.name);
  for (const tensor of model.initializers) out.writeMessage(5, writeTensor, tensor);
  for (const value of model.inputs) out.writeMessage(11, writeValue, value);
  for (const value of model.outputs) out.writeMessage(12, writeValue, value);
}

function writeNode({ op, inputs, outputs, attributes = {} }: OnnxNode, out: PbfWriter): void {
  for (const name of inputs) out.writeStringField(1, name);
  for (const name of outputs) out.writeStringField(2, name);
  out.writeStringField(3, outputs[0]!);
  out.writeStringField(4, op);
  for (const entry of Object.entries(attributes)) out.writeMessage(5, writeAttribute, entry);
}

function writeAttribute([name, value]: [string, OnnxAttribute], out: PbfWriter): void {
  out.writeStringField(1, name);
  if (typeof value === 'string') {
    out.writeStringField(4, value);
    out.writeVarintField(20, 3);
  } else if (typeof value === 'number') {
    if (Number.isInteger(value)) out.writeVarintField(3, value);
    else out.writeFloatField(2, value);
    out.writeVarintField(20, Number.isInteger(value) ? 2 : 1);
  } else {
    for (const one of value) out.writeVarintField(8, one);
    out.writeVarintField(20, 7);
  }
}

function writeTensor({ name, shape, data }: OnnxTensor, out: PbfWriter): void {
  for (const extent of shape) out.writeVarintField(1, extent);
  const floats = data instanceof Float32Array;
  out.writeVarintField(2, floats ? FLOAT : INT64);
  out.writeStringField(8, name);
  const raw = floats ? data : BigInt64Array.from(data, BigInt);
  out.writeBytesField(9, new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength));
}

function writeValue({ name, shape }: OnnxValue, out: PbfWriter): void {
  out.writeStringField(1, name);
  out.writeMessage(2, (extents, type) => {
    type.writeMessage(1, (dims, tensor) => {
      tensor.writeVarintField(1, FLOAT);
      tensor.writeMessage(2, (all, dimensions) => {
        for (const extent of all) {
          dimensions.writeMessage(1, (one, dim) => {
            if (typeof one === 'number') dim.writeVarintField(1, one);
            else dim.writeStringField(2, one);
          }, extent);
        }
      }, dims);
    }, extents);
  }, shape);
}
