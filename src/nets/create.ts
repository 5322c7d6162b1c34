import { createMlp, type MlpConfig } from './mlp';
import type { Net, NetPorts } from './net';
import { createUnet, type UnetConfig } from './unet';
import { createUnet2d } from './unet2d';
import type { Unet2dConfig } from './unet2d-config';
import { SigdegError } from '../core/errors';

export type NetConfig = MlpConfig | UnetConfig | Unet2dConfig;

/** Builds the network that a config describes for items of a shape. @throws SigdegError UNSUPPORTED when they do not fit. */
export function createNet(config: NetConfig, ports: NetPorts, itemShape: readonly number[]): Net {
  if (config.kind === 'unet') return createUnet(config, ports, itemShape);
  if (config.kind === 'unet2d') return createUnet2d(config, ports, itemShape);
  if (itemShape.length !== 1) {
    throw new SigdegError('UNSUPPORTED', `an mlp works on vectors, and the data's items are [${itemShape.join(', ')}]: use "net": {"kind": "unet", …}`);
  }
  return createMlp(config, ports);
}
