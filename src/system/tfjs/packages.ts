/** `@tensorflow/tfjs-core`: tensors, gradients and optimisers. */
export type Core = typeof import('@tensorflow/tfjs-core');

/** `@tensorflow/tfjs-layers`: models made of layers. */
export type Layers = typeof import('@tensorflow/tfjs-layers');
