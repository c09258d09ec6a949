/**
 * Thresholds from data (Rueckauer et al. 2017, robust normalisation): for every activation layer the given percentile,
 * usually 99.9, of its activations over the calibration examples. Only activations above zero are counted, as
 * snn_toolbox does: otherwise a layer that is silent for 999 of 1,000 inputs would get threshold 0. Weights stay as they
 * are (nothing is rescaled), so that they map to the same conductances.
 */
import { TemperError } from '../../errors.js';
import type { Network } from '../../network/network.js';
import type { HostTensors } from '../step/host.js';
import { PositiveHistogram } from './histogram.js';
import { type CompiledLayers, compileValues } from './layers.js';

export interface Calibration {
  /** Layer (output name of its Relu) -> threshold. */
  readonly thresholds: Map<string, number>;
  readonly examples: number;
}

export interface CalibrateOptions {
  /** 0 < percentile <= 100; 100 is the maximum. */
  readonly percentile: number;
  /** Batches of the network's inputs: input name -> tensor. */
  readonly batches: Iterable<HostTensors> | AsyncIterable<HostTensors>;
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** Runs the network over the batches and reads the threshold of each layer. Throws TemperError('model') for silent layers. */
export async function calibrateThresholds(
  network: Network,
  layers: readonly string[],
  options: CalibrateOptions,
): Promise<Calibration> {
  const histograms = new Map(layers.map((layer) => [layer, new PositiveHistogram()]));
  const programs = new Map<number, CompiledLayers>();
  let examples = 0;
  try {
    for await (const feeds of options.batches) {
      if (options.signal?.aborted) throw new TemperError('interrupted', { what: 'calibration interrupted' });
      const batch = Object.values(feeds)[0]!.dims[0]!;
      const program = programs.get(batch) ?? (await compileValues(network, layers, batch, options.threads));
      programs.set(batch, program);
      const found = await program.run(feeds);
      for (const [layer, histogram] of histograms)
        count(histogram, found.get(layer)?.data as Float32Array, layer);
      examples += batch;
    }
  } finally {
    await Promise.all([...programs.values()].map((program) => program.release()));
  }
  return { thresholds: readThresholds(histograms, options.percentile, examples), examples };
}

function count(histogram: PositiveHistogram, activations: Float32Array, layer: string): void {
  try {
    histogram.add(activations);
  } catch (cause) {
    const where = `layer "${layer}"`;
    throw new TemperError('model', { what: 'an activation is NaN or infinite', where }, { cause });
  }
}

function readThresholds(
  histograms: ReadonlyMap<string, PositiveHistogram>,
  percentile: number,
  examples: number,
): Map<string, number> {
  const silent = [...histograms].filter(([, { count }]) => count === 0);
  if (silent.length > 0)
    throw new TemperError(
      'model',
      silent.map(([layer]) => ({
        what: `no activation above zero in ${examples} calibration examples: no threshold can be told`,
        where: `layer "${layer}"`,
        hint: 'calibrate on more data, scaled as the network expects it (mean, std)',
      })),
    );
  return new Map([...histograms].map(([layer, histogram]) => [layer, histogram.percentile(percentile)]));
}
