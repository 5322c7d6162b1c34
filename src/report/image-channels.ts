/** Which items can be shown as images, and in which of their channels. */

export type PictureShape = readonly [height: number, width: number, channels: 1 | 3];

/** The shape to show items in: [H, W] is grey, of other than three channels the first is shown. Undefined for what is no image. */
export function pictureShape(itemShape: readonly number[]): PictureShape | undefined {
  const [height, width, channels = 1] = itemShape;
  if (itemShape.length < 2 || itemShape.length > 3 || height === undefined || width === undefined) return undefined;
  return [height, width, channels === 3 ? 3 : 1];
}

/** Items [n, …itemShape] in the channels of their picture shape. */
export function shownChannels(samples: Float32Array, itemShape: readonly number[]): Float32Array {
  const channels = itemShape[2] ?? 1;
  return channels === 1 || channels === 3 ? samples : Float32Array.from({ length: samples.length / channels }, (_, pixel) => samples[pixel * channels]!);
}
