/** What is asked of ONNX Runtime from outside of a job; a process of its own answers. */
import { startEngine } from '../runtime/engine';
import type { OnnxProbe } from '../runtime/onnx-install';
import { readOnnxTeacher, type OnnxFacts, type OnnxWishes } from './onnx-import';
import { probeOnnx } from './onnx-probe';

export type OnnxRequest =
  /** Whether it works; `dir`: of another copy than the installed one. */
  | { readonly task: 'probe'; readonly dir?: string | undefined }
  /** What a file is as a teacher. */
  | { readonly task: 'import'; readonly file: string; readonly wishes: OnnxWishes };

export async function answerOnnx(request: OnnxRequest): Promise<OnnxProbe | OnnxFacts> {
  await startEngine('cpu');
  return request.task === 'probe' ? probeOnnx(request.dir) : readOnnxTeacher(request.file, request.wishes);
}
