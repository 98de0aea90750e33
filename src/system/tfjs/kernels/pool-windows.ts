import type { backend_util } from '@tensorflow/tfjs-core';

/** One pooling window of one channel, cut off at the borders: rows top to bottom, columns left to right, ends excluded. */
export interface PoolWindow {
  /** Index of its value in the output. */
  readonly out: number;
  /** Index in the input of this channel's first value of the image. */
  readonly image: number;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Visits every window, image by image, row by row, channel by channel. */
export function eachWindow(info: backend_util.Conv2DInfo, visit: (window: PoolWindow) => void): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = info;
  let out = 0;
  for (let batch = 0; batch < batchSize; batch++) {
    for (let row = 0; row < outHeight; row++) {
      const y = row * info.strideHeight - info.padInfo.top;
      const [top, bottom] = [Math.max(0, y), Math.min(inHeight, y + info.effectiveFilterHeight)];
      for (let column = 0; column < outWidth; column++) {
        const x = column * info.strideWidth - info.padInfo.left;
        const [left, right] = [Math.max(0, x), Math.min(inWidth, x + info.effectiveFilterWidth)];
        for (let channel = 0; channel < inChannels; channel++) {
          const image = batch * inHeight * inWidth * inChannels + channel;
          visit({ out: out++, image, top, bottom, left, right });
        }
      }
    }
  }
}
