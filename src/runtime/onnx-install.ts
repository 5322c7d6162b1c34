/** Installs ONNX Runtime. */
import { ONNX_PACKAGE, onnxBinding, onnxDir, onnxPlatformFolder } from './onnx-package';
import { installNativePart, type InstallOptions } from './package-install';

/** What a try of ONNX Runtime found. */
export interface OnnxProbe {
  readonly version: string;
  readonly detail: string;
}

/** @throws SigdegError ONNX_INSTALL with what is missing or failed; nothing has changed then */
export async function installOnnx(options: InstallOptions<OnnxProbe>): Promise<OnnxProbe & { readonly dir: string }> {
  const dir = onnxDir();
  const probe = await installNativePart({
    ...ONNX_PACKAGE, title: 'ONNX Runtime', code: 'ONNX_INSTALL', elsewhere: 'use a machine that it serves, or a folder of diffusers as the teacher', neededBytes: 0.45e9,
    platformFolder: onnxPlatformFolder, binding: onnxBinding, papers: ['package.json'], home: dir,
  }, options);
  return { ...probe, dir };
}
