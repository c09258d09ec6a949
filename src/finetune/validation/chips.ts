/**
 * Chips to validate on: the same few in every epoch, so that epochs are compared on equal terms. Drawn from a stream of their
 * own; the chips of `verify` are others.
 */
import { float32, type HostTensor, type TensorSpec } from '../../compile/index.js';
import type { Device } from '../../devices/index.js';
import { rangeOf } from '../../devices/ranges.js';
import { oneChannel } from '../../mapping/channels.js';
import type { Network } from '../../network/network.js';
import { randomStream } from '../../random/stream.js';
import type { ChannelsByName } from '../step/channels.js';
import { elements, type HostTensors } from '../step/host.js';
import { type EvaluatorOptions, openFunction } from './evaluate.js';

/** Normals that are kept rather than drawn again: 64 MiB. */
const mostKept = 2 ** 24;

export interface Chips {
  /** All parameters as chip `chip` holds them: crossbar weights programmed, the rest as given. */
  program(parameters: HostTensors, chip: number): Promise<HostTensors>;
  release(): Promise<void>;
}

export async function openChips(
  network: Network,
  device: Device,
  seed: number,
  options: Pick<EvaluatorOptions, 'engine' | 'threads'> & { channels?: ChannelsByName | undefined },
): Promise<Chips> {
  const crossbar = [...network.parameters.values()].filter((parameter) => parameter.crossbar);
  // onnxruntime takes no program without outputs.
  if (crossbar.length === 0) return { program: async (parameters) => parameters, release: async () => {} };
  const specs = crossbar.flatMap(({ name, shape }): TensorSpec[] => [
    { name: `weights/${name}`, dtype: 'float32', shape },
    { name: `noise/${name}`, dtype: 'float32', shape: [device.noiseCount * elements(shape)] },
  ]);
  const strength: TensorSpec = { name: 'strength', dtype: 'float32', shape: [] };
  const program = await openFunction(
    (tensors) =>
      Object.fromEntries(
        crossbar.map(({ name }) => {
          const [weights, noise] = [tensors[`weights/${name}`]!, tensors[`noise/${name}`]!];
          const range = rangeOf(device, weights, options.channels?.(name) ?? oneChannel);
          return [`programmed/${name}`, device.program(weights, noise, tensors.strength!.asScalar(), range)];
        }),
      ),
    [strength, ...specs],
    options,
  );
  const sizes = crossbar.map(({ shape }) => device.noiseCount * elements(shape));
  const perChip = sizes.reduce((sum, size) => sum + size, 0);
  const kept = new Map<number, HostTensors>();
  /** The same in every validation, and there are dozens before training: drawing costs more than programming. */
  const noiseOf = (chip: number): HostTensors => {
    const known = kept.get(chip);
    if (known) return known;
    const drawn = crossbar.map(({ name }, at): [string, HostTensor] => {
      const noise = randomStream('finetune/validation-chip', seed, chip, name).normals(sizes[at]!);
      return [`noise/${name}`, float32([sizes[at]!], noise)];
    });
    const feeds = Object.fromEntries(drawn);
    if ((kept.size + 1) * perChip <= mostKept) kept.set(chip, feeds);
    return feeds;
  };
  return {
    async program(parameters, chip) {
      const weights = crossbar.map(({ name }) => [`weights/${name}`, parameters[name]!]);
      const given = { strength: float32([], Float32Array.of(1)), ...Object.fromEntries(weights) };
      const out = await program.run({ ...given, ...noiseOf(chip) });
      const programmed = crossbar.map(({ name }) => [name, out[`programmed/${name}`]!]);
      return { ...parameters, ...Object.fromEntries(programmed) };
    },
    release: () => program.release(),
  };
}
