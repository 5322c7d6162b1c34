/**
 * Where ONNX Runtime lies, which runs the ONNX files of other people: the native part for this platform out of the npm package `onnxruntime-node`. The package has
 * all platforms and comes with 288 MB (46 MB of them for linux-x64), so it is installed on demand.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { cacheFolder } from './native-package';

export const ONNX_PACKAGE = {
  name: 'onnxruntime-node',
  version: '1.30.0',
  /** Of the package as the registry has it; npm refuses another. */
  integrity: 'sha512-twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==',
} as const;

const PLATFORM = `${process.platform}-${process.arch}`;
const PLATFORMS = ['darwin-arm64', 'linux-arm64', 'linux-x64', 'win32-arm64', 'win32-x64'];

/** The folder of the package that holds all that this platform needs; undefined where the package has none. */
export const onnxPlatformFolder = (packageDir: string): string | undefined =>
  PLATFORMS.includes(PLATFORM) ? path.join(packageDir, 'bin', 'napi-v6', process.platform, process.arch) : undefined;

/** Where `sigdeg runtime install --onnx` puts it. */
export const onnxDir = (): string => path.join(cacheFolder(), `${ONNX_PACKAGE.name}-${ONNX_PACKAGE.version}-${PLATFORM}`);

export const onnxBinding = (dir: string): string => path.join(dir, 'onnxruntime_binding.node');

export const isOnnxInstalled = (): boolean => fs.existsSync(onnxBinding(onnxDir()));
