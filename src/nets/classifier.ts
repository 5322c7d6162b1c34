import { SigdegError } from '../core/errors';
import * as tf from '../runtime/tf';
import { convSpecs, denseSpecs } from './layer-specs';
import { convolve, dense, pixelUnshuffle, silu } from './layers';
import { ParameterLayout, type Weights } from './parameters';

export interface ClassifierConfig {
  /** [height, width, channels] with sides that are multiples of 4. */
  readonly itemShape: readonly number[];
  readonly classes: number;
}

/** Numbers that describe an item: the last layer before the classes. */
export const CLASSIFIER_FEATURES = 64;
const [FIRST, SECOND] = [32, 64];

export interface Classifier {
  readonly layout: ParameterLayout;
  /** x [batch, height, width, channels] → [batch, 64]. */
  features(weights: Weights, x: tf.Tensor4D): tf.Tensor2D;
  /** features [batch, 64] → [batch, classes], before the softmax. */
  logits(weights: Weights, features: tf.Tensor): tf.Tensor2D;
}

/**
 * A small convolutional classifier in the manner of LeNet-5 (LeCun et al. 1998): twice space-to-depth and a convolution, then two dense layers. What the last but one
 * says of an image is what distances between sets of images are measured on, as FID does with Inception-v3 (Heusel et al., arXiv 1706.08500).
 * @throws SigdegError UNSUPPORTED for sides that are no multiples of 4
 */
export function createClassifier({ itemShape, classes }: ClassifierConfig): Classifier {
  const [height = 0, width = 0, channels = 0] = itemShape;
  if (itemShape.length !== 3 || height % 4 !== 0 || width % 4 !== 0) {
    throw new SigdegError('UNSUPPORTED', `the classifier needs images [height, width, channels] whose sides are multiples of 4, found items [${itemShape.join(', ')}]`);
  }
  const flat = (height / 4) * (width / 4) * SECOND;
  return {
    layout: new ParameterLayout([
      ...convSpecs('conv1', 4 * channels, FIRST),
      ...convSpecs('conv2', 4 * FIRST, SECOND),
      ...denseSpecs('fc1', flat, CLASSIFIER_FEATURES),
      ...denseSpecs('fc2', CLASSIFIER_FEATURES, classes),
    ]),
    features(w, x) {
      const first = silu(convolve(w, 'conv1', pixelUnshuffle(x, 2)));
      const second = silu(convolve(w, 'conv2', pixelUnshuffle(first, 2)));
      return silu(dense(w, 'fc1', tf.reshape(second, [-1, flat]))) as tf.Tensor2D;
    },
    logits: (w, features) => dense(w, 'fc2', features) as tf.Tensor2D,
  };
}
