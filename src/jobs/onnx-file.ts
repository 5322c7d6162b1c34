/** How an ONNX file is read from disk: its size and its format are looked at before ONNX Runtime sees it. */
import * as fs from 'node:fs';
import { messageOf, SigdegError } from '../core/errors';
import { MOST_ONNX_BYTES, readOnnxHead, type OnnxHead } from '../formats/onnx-head';
import { hashBytes } from '../store/hash';

export interface OnnxFile extends OnnxHead {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** @throws SigdegError NOT_FOUND, BAD_FILE, UNSUPPORTED (too large, or with weights elsewhere) */
export function readOnnxFile(file: string): OnnxFile {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) throw new SigdegError('NOT_FOUND', `${file}: expected an ONNX file, found ${stat === undefined ? 'nothing' : 'no file'}: check the path`);
  if (stat.size > MOST_ONNX_BYTES) throw new SigdegError('UNSUPPORTED', `${file}: expected at most ${MOST_ONNX_BYTES} bytes, found ${stat.size}: a model that large does not fit one ONNX file`);
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(file);
  } catch (error) {
    throw new SigdegError('BAD_FILE', `${file}: cannot be read (${messageOf(error)})`, { cause: error });
  }
  const head = readOnnxHead(bytes, file);
  if (head.externalData) throw new SigdegError('UNSUPPORTED', `${file}: expected weights inside, found a model whose weights lie in other files: write it as one (torch.onnx.export with external_data=False)`);
  return { ...head, bytes, sha256: hashBytes(bytes) };
}
