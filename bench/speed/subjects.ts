/** The training steps that are timed: nets, batch sizes, and how much arithmetic a step is. */
import { type Net, nets, vgg5 } from '../../models/nets/index.js';

export interface Subject {
  readonly name: string;
  readonly net: Net;
  readonly batch: number;
  /** Steps in one timed run, where as many as the trainer gives a run would take too long. */
  readonly steps?: number;
  /** The same for PyTorch, whose steps cost the same however many are taken at once. */
  readonly rivalSteps?: number;
  /** Multiply-adds of the forward pass of one example, layer by layer (convolutions and matrix products only). */
  readonly layers: readonly number[];
}

const conv = (inChannels: number, outChannels: number, extent: number, size = 3) =>
  inChannels * outChannels * size * size * extent * extent;

function residualLayers(): number[] {
  const stages = [
    [16, 16, 32],
    [16, 32, 16],
    [32, 64, 8],
  ] as const;
  return stages.flatMap(([from, to, extent]) => [
    conv(from, to, extent),
    ...Array(5).fill(conv(to, to, extent)),
    ...(from === to ? [] : [conv(from, to, extent, 1)]),
  ]);
}

export const subjects: readonly Subject[] = [
  { name: 'mlp', net: nets['mnist-mlp']!, batch: 128, layers: [784 * 512, 512 * 512, 512 * 10] },
  {
    name: 'vgg5-slim',
    net: vgg5(1024),
    batch: 64,
    steps: 16,
    rivalSteps: 5,
    layers: [conv(3, 64, 32), conv(64, 128, 16), conv(128, 128, 16), 8192 * 1024, 1024 * 10],
  },
  {
    name: 'resnet20',
    net: nets['cifar10-resnet20']!,
    batch: 128,
    rivalSteps: 5,
    layers: [conv(3, 16, 32), ...residualLayers(), 64 * 10],
  },
];

/** Multiply-adds of a step: forward, gradient of the weights, gradient of the inputs (which the first layer does not need). */
export function multiplyAdds({ batch, layers }: Subject): number {
  const forward = layers.reduce((sum, layer) => sum + layer, 0);
  return batch * (3 * forward - layers[0]!);
}
