// TensorFlow.js as it is shipped with mlops: one chunk, loaded when the first model is.
export * as core from '@tensorflow/tfjs-core';
export * as layers from '@tensorflow/tfjs-layers';
export { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
// By name, since bundlers drop an import that is only there for its effect.
export { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
