import { SigdegError } from '../core/errors';
import { sizeOf } from '../core/shape';
import type { Dataset } from './dataset';

/** The `dataset` of a model whose data are elsewhere: all that is known of them is their shape. Model units are what the model was trained in, usually −1 … 1. */
export interface NoDataConfig {
  readonly name: 'none';
  readonly shape: readonly number[];
}

/** Throws NO_DATA where an item is wanted. */
export function noData({ shape }: NoDataConfig): Dataset {
  return {
    name: 'none',
    itemShape: shape,
    count: 0,
    normalisation: { offset: 0, scale: 1 },
    fill() {
      throw new SigdegError('NO_DATA', `expected data [${shape.join(', ')}], ${sizeOf(shape)} numbers an item, found none, since the teacher came without: give the experiment a "dataset", or use "paths": {"kind": "full"}, which need none`);
    },
  };
}
