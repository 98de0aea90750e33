import type { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Library } from './library.ts';

/** A model in the format that every TensorFlow.js reads: `model.json`, and `weights.bin` that it names. */
export interface ModelFiles {
  readonly modelJson: string;
  readonly weights: Uint8Array;
}

/** The files of a model. The same weights give the same bytes: there is no time and no machine in them. */
export async function encodeModel(model: LayersModel): Promise<ModelFiles> {
  let files: ModelFiles | undefined;
  await model.save({
    save: (artifacts: io.ModelArtifacts) => {
      files = filesOf(artifacts);
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } });
    },
  });
  if (files === undefined) throw new TypeError('TensorFlow.js saved nothing.');
  return files;
}

/** The model in these files. Throws what TensorFlow.js throws when they do not fit together. */
export async function decodeModel({ layers, core }: Library, files: ModelFiles): Promise<LayersModel> {
  const json = JSON.parse(files.modelJson) as io.ModelJSON;
  const bytes = files.weights;
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const expected = json.weightsManifest
    .flatMap(({ weights }) => weights)
    .map(({ shape }) => core.util.sizeFromShape(shape));
  const wanted = expected.reduce((sum, size) => sum + size * Float32Array.BYTES_PER_ELEMENT, 0);
  if (wanted !== bytes.byteLength)
    throw new TypeError(`weights.bin has ${bytes.byteLength} bytes instead of ${wanted}`);
  const load = async () =>
    core.io.getModelArtifactsForJSON(json, (manifest) =>
      Promise.resolve([manifest.flatMap(({ weights }) => weights), weightData]),
    );
  return layers.loadLayersModel({ load });
}

function filesOf(artifacts: io.ModelArtifacts): ModelFiles {
  const { modelTopology, weightSpecs = [], weightData } = artifacts;
  const parts = weightData === undefined ? [] : [weightData].flat();
  const json = {
    format: 'layers-model',
    generatedBy: 'mlops',
    convertedBy: null,
    modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
  };
  return {
    modelJson: `${JSON.stringify(json, null, 1)}\n`,
    weights: Buffer.concat(parts.map((part) => Buffer.from(part))),
  };
}
