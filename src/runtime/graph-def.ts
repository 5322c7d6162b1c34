/**
 * Writes a TensorFlow graph down in TensorFlow's own format, with the protocol buffers that `@tensorflow/tfjs-node-gpu` ships (they have no types; what is
 * used of them is declared here). Only this file knows them.
 */
import { createRequire } from 'node:module';

/** An attribute of an operation as the package's kernels give it; `type` is one of the binding's TF_ATTR_ numbers. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** TF_DataType of the C API. */
export const DATA_TYPE = { float32: 1, int32: 3, bool: 10 } as const;
export type DataTypeName = keyof typeof DATA_TYPE;
/** TF_AttrType of the C API. */
const ATTRIBUTE = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;
/** Version of the graph's format. TensorFlow 2.9 and newer accept it. */
const PRODUCER = 1087;
export const SAVED_MODEL_TAG = 'serve';

type Message = Record<string, (...args: unknown[]) => unknown>;
type MessageClass = (new () => Message) & Record<string, new () => Message>;
type Schema = Record<'AttrValue' | 'GraphDef' | 'MetaGraphDef' | 'NodeDef' | 'SavedModel' | 'Tensor' | 'TensorShape' | 'VersionDef', MessageClass>;

let schema: Schema | undefined;
const messages = (): Schema => (schema ??= createRequire(__filename)('@tensorflow/tfjs-node-gpu/dist/proto/api_pb') as Schema);

function shapeMessage(shape: readonly number[]): Message {
  const { TensorShape } = messages();
  const message = new TensorShape();
  for (const size of shape) {
    const dim = new TensorShape['Dim']!();
    dim['setSize']!(size);
    message['addDim']!(dim);
  }
  return message;
}

function attributeMessage(type: number, value: unknown): Message {
  const { AttrValue } = messages();
  const message = new AttrValue();
  const set = (kind: 's' | 'i' | 'f' | 'b', one: unknown): void => {
    if (!Array.isArray(one)) {
      message[`set${kind.toUpperCase()}`]!(one);
      return;
    }
    const list = new AttrValue['ListValue']!();
    list[`set${kind.toUpperCase()}List`]!(one);
    message['setList']!(list);
  };
  switch (type) {
    case ATTRIBUTE.string:
      set('s', Array.isArray(value) ? value.map((v) => Buffer.from(String(v))) : Buffer.from(String(value)));
      break;
    case ATTRIBUTE.int:
      set('i', value);
      break;
    case ATTRIBUTE.float:
      set('f', value);
      break;
    case ATTRIBUTE.bool:
      set('b', value);
      break;
    case ATTRIBUTE.type:
      message['setType']!(value);
      break;
    case ATTRIBUTE.shape:
      message['setShape']!(shapeMessage(value as number[]));
      break;
    default:
      throw new RangeError(`an operation's attribute has the unknown type ${type}`);
  }
  return message;
}

/** A graph under construction. Nodes name themselves; an input is `node`, `node:1` for its second output, or `^node` for "after it". */
export class GraphWriter {
  private readonly nodes: Message[] = [];

  node(op: string, inputs: readonly string[], attributes: readonly OpAttribute[]): string {
    const message = new (messages().NodeDef)();
    const name = `n${this.nodes.length}`;
    message['setName']!(name);
    message['setOp']!(op);
    for (const input of inputs) message['addInput']!(input);
    const map = message['getAttrMap']!() as { set(key: string, value: unknown): void };
    for (const { name: key, type, value } of attributes) map.set(key, attributeMessage(type, value));
    this.nodes.push(message);
    return name;
  }

  placeholder(dtype: number, shape: readonly number[]): string {
    return this.node('Placeholder', [], [typeAttribute('dtype', dtype), { name: 'shape', type: ATTRIBUTE.shape, value: shape }]);
  }

  constant(dtype: number, shape: readonly number[], bytes: Uint8Array): string {
    const tensor = new (messages().Tensor)();
    tensor['setDtype']!(dtype);
    tensor['setTensorShape']!(shapeMessage(shape));
    tensor['setTensorContent']!(bytes);
    const name = this.node('Const', [], [typeAttribute('dtype', dtype)]);
    const value = new (messages().AttrValue)();
    value['setTensor']!(tensor);
    (this.nodes.at(-1)!['getAttrMap']!() as { set(key: string, value: unknown): void }).set('value', value);
    return name;
  }

  variable(dtype: number, shape: readonly number[], sharedName: string): string {
    return this.node('VarHandleOp', [], [
      typeAttribute('dtype', dtype),
      { name: 'shape', type: ATTRIBUTE.shape, value: shape },
      { name: 'shared_name', type: ATTRIBUTE.string, value: sharedName },
      { name: 'container', type: ATTRIBUTE.string, value: '' },
    ]);
  }

  /** The bytes of a `saved_model.pb` with this graph. */
  savedModel(): Uint8Array {
    const pb = messages();
    const graph = new pb.GraphDef();
    const version = new pb.VersionDef();
    version['setProducer']!(PRODUCER);
    graph['setVersions']!(version);
    graph['setNodeList']!(this.nodes);
    const meta = new pb.MetaGraphDef();
    const info = new pb.MetaGraphDef['MetaInfoDef']!();
    info['setTagsList']!([SAVED_MODEL_TAG]);
    meta['setMetaInfoDef']!(info);
    meta['setGraphDef']!(graph);
    const model = new pb.SavedModel();
    model['setSavedModelSchemaVersion']!(1);
    model['setMetaGraphsList']!([meta]);
    return model['serializeBinary']!() as Uint8Array;
  }
}

export const typeAttribute = (name: string, dtype: number): OpAttribute => ({ name, type: ATTRIBUTE.type, value: dtype });
