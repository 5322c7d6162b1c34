/** What a run can be exported as, without tfjs, so that the command line and the editor can list it. */
import type { RunKind } from '../../store/run';

export const EXPORT_FORMATS = ['onnx', 'python', 'diffusers', 'safetensors', 'tensorboard', 'csv', 'html'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

interface ExportInfo {
  readonly title: string;
  /** Of which runs. */
  readonly kinds: readonly RunKind[];
  /** A folder with several files, else one file that ends in this. */
  readonly suffix: '' | `.${string}`;
}

const MODELS = ['teacher', 'student'] as const;

export const EXPORTS: Readonly<Record<ExportFormat, ExportInfo>> = {
  onnx: { title: 'ONNX model with sampler.json', kinds: MODELS, suffix: '' },
  python: { title: 'ONNX model with a Python script that samples', kinds: MODELS, suffix: '' },
  diffusers: { title: 'Folder of diffusers (UNet2DModel)', kinds: MODELS, suffix: '' },
  safetensors: { title: 'Weights', kinds: MODELS, suffix: '.safetensors' },
  tensorboard: { title: 'TensorBoard log', kinds: ['teacher', 'student', 'evaluation'], suffix: '' },
  csv: { title: 'Numbers as CSV', kinds: ['teacher', 'student', 'evaluation'], suffix: '.csv' },
  html: { title: 'Report', kinds: ['evaluation'], suffix: '.html' },
};
