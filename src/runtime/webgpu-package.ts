/** Where the WebGPU engine's native part lies: Dawn, Chromium's WebGPU, for this platform, out of the npm package `webgpu`. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { cacheFolder } from './native-package';

export const WEBGPU_PACKAGE = {
  name: 'webgpu',
  version: '0.6.2',
  /** Of the package as the registry has it; npm refuses another. */
  integrity: 'sha512-3L4GfmqJLvYUIEWJngEQY+2HQiUlAFkg8+P8NDDj3Xx5hHHIFO/r8JW+ynfqBj7kHN4mbnwO74uB+lrRtLhp4Q==',
} as const;

/** The package's name of this platform. */
const PLATFORM = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
const PLATFORMS = ['darwin-universal', 'linux-arm64', 'linux-x64', 'win32-arm64', 'win32-x64'];

/** The folder of the package that holds all that this platform needs; undefined where the package has none. */
export const platformFolder = (packageDir: string): string | undefined => (PLATFORMS.includes(PLATFORM) ? path.join(packageDir, 'dist', PLATFORM) : undefined);

/** Where `sigdeg runtime install --webgpu` puts it. */
export const webgpuDir = (): string => path.join(cacheFolder(), `${WEBGPU_PACKAGE.name}-${WEBGPU_PACKAGE.version}-${PLATFORM}`);

export const dawnFile = (dir: string): string => path.join(dir, 'dawn.node');

export const isWebgpuInstalled = (): boolean => fs.existsSync(dawnFile(webgpuDir()));
