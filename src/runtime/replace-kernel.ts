import type { KernelConfig, KernelFunc } from '@tensorflow/tfjs-core';
import { SigdegError } from '../core/errors';
import * as tf from './tf';

/** Puts another kernel in the place of a backend's own, or where it has none. @param make is given the own one, to be called where that is as good */
export function replaceKernel(kernelName: string, backendName: string, make: (original: KernelFunc) => KernelFunc): void {
  const existing = tf.getKernel(kernelName, backendName) as KernelConfig | undefined;
  const original: KernelFunc = existing?.kernelFunc ?? (() => { throw new SigdegError('INTERNAL', `${backendName} has no ${kernelName} of its own`); });
  if (existing) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...existing, kernelName, backendName, kernelFunc: make(original) });
}
