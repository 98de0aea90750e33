import type { ModelSettings } from '../../core/built-in/model.ts';
import type { LayerPlan } from '../../system/tfjs/layer-plan.ts';

/** The layers of a classifier, from the settings; the last is always a softmax. */
export function buildLayers(model: ModelSettings, inputShape: readonly number[], classes: number): LayerPlan[] {
  return [
    ...(model.type === 'cnn' ? convolutions(model) : []),
    ...(inputShape.length > 1 ? [{ type: 'flatten', name: 'flatten' } as const] : []),
    ...model.hidden.flatMap((units, at): LayerPlan[] => [
      { type: 'dense', name: `dense_${at + 1}`, units: Number(units), activation: model.activation },
      ...(model.dropout > 0 ? [{ type: 'dropout', name: `dropout_${at + 1}`, rate: model.dropout } as const] : []),
    ]),
    { type: 'dense', name: 'logits', units: classes, activation: 'linear' },
    { type: 'activation', name: 'probabilities', activation: 'softmax' },
  ];
}

function convolutions(model: Extract<ModelSettings, { type: 'cnn' }>): LayerPlan[] {
  return model.filters.flatMap((filters, at): LayerPlan[] => [
    {
      type: 'conv2d',
      name: `conv_${at + 1}`,
      filters: Number(filters),
      kernel: Number(model.kernel),
      activation: model.activation,
    },
    ...(model.pool > 1n ? [{ type: 'max-pool', name: `pool_${at + 1}`, size: Number(model.pool) } as const] : []),
  ]);
}

/** How many weights these layers have, counted before any is made. */
export function countParameters(layers: readonly LayerPlan[], inputShape: readonly number[]): number {
  let shape = inputShape;
  let count = 0;
  for (const layer of layers) {
    const width = shape.at(-1) ?? 1;
    if (layer.type === 'dense') {
      count += (width + 1) * layer.units;
      shape = [layer.units];
    } else if (layer.type === 'conv2d') {
      count += (layer.kernel ** 2 * width + 1) * layer.filters;
      shape = [...shape.slice(0, -1), layer.filters];
    } else if (layer.type === 'max-pool') {
      shape = [...shape.slice(0, -1).map((side) => Math.ceil(side / layer.size)), width];
    } else if (layer.type === 'flatten') shape = [shape.reduce((size, side) => size * side, 1)];
  }
  return count;
}
