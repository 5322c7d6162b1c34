/** Installs the WebGPU engine's native part. */
import { installNativePart, type InstallOptions } from './package-install';
import type { ProbeResult } from './probe';
import { dawnFile, platformFolder, WEBGPU_PACKAGE, webgpuDir } from './webgpu-package';

export interface WebgpuInstallation {
  readonly dir: string;
  readonly version: string;
  readonly detail: string;
  /** False where `auto` leaves it alone, because what it runs on is no GPU. */
  readonly gpu: boolean;
}

/** @throws SigdegError WEBGPU_INSTALL with what is missing or failed; nothing has changed then */
export async function installWebgpu(options: InstallOptions<ProbeResult>): Promise<WebgpuInstallation> {
  const dir = webgpuDir();
  const { detail, gpu } = await installNativePart({
    ...WEBGPU_PACKAGE, title: 'the WebGPU engine', code: 'WEBGPU_INSTALL', elsewhere: 'the wasm engine works everywhere', neededBytes: 0.3e9,
    platformFolder, binding: dawnFile, papers: ['LICENSE.md', 'package.json'], home: dir,
  }, options);
  return { dir, version: WEBGPU_PACKAGE.version, detail, gpu };
}
