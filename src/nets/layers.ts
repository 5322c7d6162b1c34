import { fusedDense, fusedSilu } from '../runtime/fused';
import { withGradient } from '../runtime/gradient';
import * as tf from '../runtime/tf';
import type { Weights } from './parameters';

/** The layers that the networks are made of, applied to weights by name; `layer-specs.ts` lists their parameters. */

/**
 * y = x · sigmoid(x). Its gradient y + sigmoid (1 − y) is written out because the composed one keeps and visits more than twice as many arrays; of the two that it
 * keeps, y is what the next layer keeps anyway.
 */
export function silu<T extends tf.Tensor>(x: T): T {
  const fused = fusedSilu(x);
  if (fused) return fused as T;
  return withGradient(
    [x],
    ([input], save) => {
      const s = tf.sigmoid(input!);
      const y = tf.mul(input!, s);
      save([y, s]);
      return y;
    },
    (dy, [y, s]) => [tf.mul(dy, tf.add(tf.mul(tf.sub(1, y!), s!), y!))],
  ) as T;
}

/**
 * x W + b for x [rows, in] → [rows, out]. The bias gradient is a product with ones: a sum over rows is 20 times slower on WebAssembly.
 */
export function affine(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  const fused = fusedDense({ x, weight, bias, silu: false, residual: false });
  if (fused) return fused;
  return withGradient(
    [x, weight, bias],
    ([a, w, b], save) => {
      save([a!, w!]);
      return tf.add(tf.matMul(a!, w!), b!);
    },
    (dy, [a, w]) => [
      tf.matMul(dy, w!, false, true),
      tf.matMul(a!, dy, true, false),
      tf.reshape(tf.matMul(tf.ones([1, dy.shape[0]]), dy), [-1]),
    ],
  ) as tf.Tensor2D;
}

/** A dense layer over the last axis of x [..., in] → [..., out]. */
export function dense(w: Weights, name: string, x: tf.Tensor): tf.Tensor {
  const weight = w(`${name}.weight`) as tf.Tensor2D;
  const bias = w(`${name}.bias`) as tf.Tensor1D;
  const [inputs, outputs] = weight.shape;
  if (x.rank === 2) return affine(x as tf.Tensor2D, weight, bias);
  return tf.reshape(affine(tf.reshape(x, [-1, inputs]), weight, bias), [...x.shape.slice(0, -1), outputs]);
}

/** A convolution of stride 1 with zero padding: x [batch, height, width, in] → [batch, height, width, out]. */
export function convolve(w: Weights, name: string, x: tf.Tensor4D): tf.Tensor4D {
  return tf.add(tf.conv2d(x, w(`${name}.weight`) as tf.Tensor4D, 1, 'same'), w(`${name}.bias`));
}

/**
 * Group normalisation (Wu & He, arXiv 1803.08494) of x [batch, height, width, channels], optionally followed by x (1 + scale) + shift with scale and
 * shift [batch or 1, channels].
 */
export function groupNorm(w: Weights, name: string, x: tf.Tensor4D, groups: number, { epsilon = 1e-5, scale, shift }: { epsilon?: number; scale?: tf.Tensor; shift?: tf.Tensor } = {}): tf.Tensor4D {
  let gamma = tf.expandDims(w(`${name}.weight`), 0);
  let beta = tf.expandDims(w(`${name}.bias`), 0);
  if (scale && shift) {
    const factor = tf.add(scale, 1);
    gamma = tf.mul(factor, gamma);
    beta = tf.add(tf.mul(factor, beta), shift);
  }
  return normalised(x, gamma, beta, groups, epsilon);
}

/**
 * gamma (x − mean) rstd + beta for gamma and beta [batch or 1, channels]; mean and variance over pixels and the channels of a group. All that is as large as x is
 * one multiply-add with coefficients [batch, 1, 1, channels], forwards; in the gradient, with the sums s0 = Σ dy and s1 = Σ dy x over pixels,
 *   dx = gamma rstd dy − rstd² m2 x + (rstd² m2 mean − rstd m1),  m1 = ⟨gamma s0⟩, m2 = ⟨gamma rstd (s1 − mean s0)⟩ over the group.
 */
function normalised(x: tf.Tensor4D, gamma: tf.Tensor, beta: tf.Tensor, groups: number, epsilon: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const pixels = height * width;
  const perGroup = channels / groups;
  const flat = (t: tf.Tensor): tf.Tensor => tf.reshape(t, [batch, pixels, channels]);
  const grouped = (t: tf.Tensor): tf.Tensor => tf.reshape(t, [-1, groups, perGroup]);
  const perItem = (t: tf.Tensor): tf.Tensor => tf.reshape(t, [batch, 1, 1, channels]);
  const groupMean = (t: tf.Tensor): tf.Tensor => tf.mean(grouped(t), 2, true);
  return withGradient(
    [x, gamma, beta],
    ([input, g, b], save) => {
      const mean = groupMean(tf.mean(flat(input!), 1));
      const variance = tf.sub(groupMean(tf.mean(tf.square(flat(input!)), 1)), tf.square(mean));
      const rstd = tf.rsqrt(tf.add(tf.relu(variance), epsilon));
      save([input!, g!, b!, mean, rstd]);
      const gain = tf.mul(rstd, grouped(g!));
      return tf.add(tf.mul(input!, perItem(gain)), perItem(tf.sub(grouped(b!), tf.mul(mean, gain))));
    },
    (dy, [input, g, b, mean, rstd]) => {
      const s0 = grouped(tf.sum(flat(dy), 1));
      const s1 = grouped(tf.sum(tf.mul(flat(dy), flat(input!)), 1));
      const dGamma = tf.mul(rstd!, tf.sub(s1, tf.mul(mean!, s0)));
      const share = (t: tf.Tensor): tf.Tensor => tf.div(tf.mul(rstd!, tf.sum(tf.mul(grouped(g!), t), 2, true)), pixels * perGroup);
      const slope = tf.mul(rstd!, share(dGamma));
      const constant = tf.sub(tf.mul(slope, mean!), share(s0));
      const wide = (t: tf.Tensor): tf.Tensor => perItem(tf.add(t, tf.zeros([1, 1, perGroup])));
      const dx = tf.add(tf.sub(tf.mul(dy, perItem(tf.mul(rstd!, grouped(g!)))), tf.mul(input!, wide(slope))), wide(constant));
      const like = (t: tf.Tensor, parameter: tf.Tensor): tf.Tensor => {
        const perChannel = tf.reshape(t, [batch, channels]);
        return parameter.shape[0] === batch ? perChannel : tf.sum(perChannel, 0, true);
      };
      return [dx, like(dGamma, g!), like(s0, b!)];
    },
  ) as tf.Tensor4D;
}

/** Space to depth: [batch, height, width, c] → [batch, height/p, width/p, p·p·c], channel order (row, column, c). */
export function pixelUnshuffle(x: tf.Tensor4D, patch: number): tf.Tensor4D {
  if (patch === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const cut = tf.reshape(x, [batch, height / patch, patch, width / patch, patch * channels]);
  return tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4]), [batch, height / patch, width / patch, patch * patch * channels]);
}

/** Depth to space, the inverse of `pixelUnshuffle`. */
export function pixelShuffle(x: tf.Tensor4D, patch: number): tf.Tensor4D {
  if (patch === 1) return x;
  const [batch, height, width, depth] = x.shape;
  const channels = depth / (patch * patch);
  const cut = tf.reshape(x, [batch, height, width, patch, patch * channels]);
  return tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4]), [batch, height * patch, width * patch, channels]);
}

/** Each pixel four times: [batch, height, width, c] → [batch, 2 height, 2 width, c]. Joining is faster than the engines' resizing, and all of them have its gradient. */
export function upsample(x: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const wide: tf.Tensor3D = tf.reshape(tf.concat4d([x, x], 3), [batch, height, 2 * width * channels]);
  return tf.reshape(tf.concat3d([wide, wide], 2), [batch, 2 * height, 2 * width, channels]);
}

/** The mean of 2×2 pixels: [batch, height, width, c] → [batch, height/2, width/2, c]. */
export function averagePool(x: tf.Tensor4D): tf.Tensor4D {
  const [first, ...others] = tf.split(pixelUnshuffle(x, 2), 4, 3) as [tf.Tensor4D, ...tf.Tensor4D[]];
  return tf.mul(others.reduce((sum, part) => tf.add(sum, part), first), 0.25);
}

/** x held within ± limit; its gradient is passed on as it is, so that what lies outside still learns to come back. */
export function clipThrough(x: tf.Tensor, limit: number): tf.Tensor {
  return withGradient([x], ([input]) => tf.clipByValue(input!, -limit, limit), (dy) => [dy]);
}
