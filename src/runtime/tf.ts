/**
 * The one door to tfjs: every module that needs tensors imports `tf` from here. Only functional ops (`tf.add(a, b)`) are used, so that the
 * chained-op side effects stay out of the bundle. Which engine executes is decided by `engine.ts`.
 */
import './gradients';

export * from '@tensorflow/tfjs-core';
