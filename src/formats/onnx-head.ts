/** What an ONNX file says of itself, read without ONNX Runtime: whether it is one at all, and what its maker wrote beside the graph. */
import { PbfReader } from 'pbf';
import { messageOf, SigdegError } from '../core/errors';

export interface OnnxHead {
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether weights lie in other files. */
  readonly externalData: boolean;
}

/** Protocol buffers end at 2 GiB. */
export const MOST_ONNX_BYTES = 2 ** 31 - 1;
/** Fields of ModelProto and GraphProto (onnx.proto3). */
const MODEL = { irVersion: 1, graph: 7, metadata: 14, known: [1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26] };
const GRAPH = { initializer: 5 };
const TENSOR = { dataLocation: 14 };
const EXTERNAL = 1;

/** Reads the message from end to end, but for the graph's nodes and weights. @throws SigdegError BAD_FILE when it is no ONNX model, or is cut off */
export function readOnnxHead(bytes: Uint8Array, where: string): OnnxHead {
  const bad = (what: string, cause?: unknown): SigdegError => new SigdegError('BAD_FILE', `${where}: expected an ONNX model, found ${what}: get the file again`, { cause });
  if (bytes.length === 0) throw bad('an empty file');
  const metadata: Record<string, string> = {};
  const seen = { version: 0, graph: false, external: false };
  const reader = new PbfReader(bytes);
  try {
    fieldsOf(reader, bytes.length, (tag) => {
      if (!MODEL.known.includes(tag)) throw new RangeError(`a field ${tag} that models do not have`);
      if (tag === MODEL.irVersion) seen.version = reader.readVarint();
      else if (tag === MODEL.graph) {
        seen.graph = true;
        fieldsOf(reader, lengthOf(reader), (inGraph) => {
          if (inGraph !== GRAPH.initializer) return false;
          fieldsOf(reader, lengthOf(reader), (inTensor) => {
            if (inTensor !== TENSOR.dataLocation) return false;
            if (reader.readVarint() === EXTERNAL) seen.external = true;
            return true;
          });
          return true;
        });
      } else if (tag === MODEL.metadata) {
        const entry: [string, string] = ['', ''];
        fieldsOf(reader, lengthOf(reader), (part) => {
          if (part !== 1 && part !== 2) return false;
          entry[part - 1] = reader.readString();
          return true;
        });
        metadata[entry[0]] = entry[1];
      } else return false;
      return true;
    });
  } catch (error) {
    throw bad(error instanceof RangeError && error.message.startsWith('a ') ? error.message : `bytes that are none (${messageOf(error)})`, error);
  }
  if (seen.version === 0 || !seen.graph) throw bad('a file without version and graph');
  return { metadata, externalData: seen.external };
}

/** Calls `read` for every field up to `end`; it says whether it has read the value, which is passed over otherwise. @throws RangeError where a value leads beyond the end */
function fieldsOf(reader: PbfReader, end: number, read: (tag: number) => boolean): void {
  for (let tag = reader.nextField(end); tag !== 0; tag = reader.nextField(end)) {
    if (!read(tag)) reader.skip(reader.type);
    if (reader.pos > end) throw new RangeError('a file that is cut off');
  }
}

/** The end of the message that begins here. */
function lengthOf(reader: PbfReader): number {
  const length = reader.readVarint();
  if (reader.pos + length > reader.length) throw new RangeError('a file that is cut off');
  return reader.pos + length;
}
