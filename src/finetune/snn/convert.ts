/** ANN to SNN: check and plan, thresholds from data, neurons in place of Relu, one plain ONNX file. */
import { type Problem, TemperError } from '../../errors.js';
import type { Network } from '../../network/network.js';
import { neuronNamed } from '../../neurons/index.js';
import { intAttribute } from '../../onnx/attributes.js';
import { nodeLabel } from '../../onnx/label.js';
import type { Model } from '../../onnx/model.js';
import { opsetVersion, setMetadata } from '../../onnx/walk.js';
import { assembleSnn, type Spiking } from './assemble.js';
import { type CalibrateOptions, calibrateThresholds } from './calibrate.js';
import { exampleShapes } from './layers.js';
import { planSnn } from './plan.js';

export interface ConvertOptions {
  readonly timesteps: number;
  /** A neuron of src/neurons by name; default integrate-and-fire. */
  readonly neuron?: string;
  /** Percentile of the positive activations that becomes the threshold; default 99.9. */
  readonly percentile?: number;
  /** Batches of the network's inputs. Needed unless `thresholds` names every layer. */
  readonly calibration?: CalibrateOptions['batches'];
  /** Thresholds by layer (output name of its Relu), in place of calibrated ones. */
  readonly thresholds?: ReadonlyMap<string, number>;
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

export interface Converted {
  readonly model: Model;
  /** Layer (output name of its Relu) -> threshold, in file order. */
  readonly thresholds: ReadonlyMap<string, number>;
  readonly notes: readonly string[];
  /** What `simulateSnn` needs to run the same network eagerly. */
  readonly spiking: Spiking;
}

/** Lists what keeps the model from being converted, without converting it. */
export function checkConvertible(model: Model): Problem[] {
  try {
    planSnn(atLeastOpset9(model));
    return [];
  } catch (error) {
    if (error instanceof TemperError) return [...error.problems];
    throw error;
  }
}

/**
 * Runs the model in this process: of a stranger's file, call `rehearse(path)` before it is read (docs/decisions/0027-the-librarys-process.md).
 * @param model    the float model, as it came or with batch normalization folded
 * @param network  built from the same graph
 * Throws TemperError('model') with every problem, TemperError('usage') for bad options.
 */
export async function convertToSnn(
  source: Model,
  network: Network,
  options: ConvertOptions,
): Promise<Converted> {
  const { timesteps, percentile = 99.9 } = options;
  checkOptions(options, percentile);
  const neuron = neuronNamed(options.neuron ?? 'if');
  const model = atLeastOpset9(source);
  const plan = planSnn(model);
  const layers = plan.neurons.map((node) => node.outputs[0]!);
  const shapes = exampleShapes(network, [...new Set([...layers, ...plan.averaged])]);
  const { thresholds, examples } = await chooseThresholds(network, layers, percentile, options);
  const spiking: Spiking = { plan, neuron, timesteps, thresholds, shapes };
  const graph = assembleSnn(model, spiking, network.inputs[0]!.name);
  const record = {
    timesteps,
    neuron: neuron.name,
    ...(examples > 0 && { percentile, calibrationExamples: examples }),
    thresholds: Object.fromEntries(thresholds),
  };
  const converted = setMetadata({ ...model, graph }, 'temper.snn', JSON.stringify(record));
  return { model: converted, thresholds, notes: notesOn(source, model, spiking), spiking };
}

function checkOptions(options: ConvertOptions, percentile: number): void {
  const problems: Problem[] = [];
  const { timesteps } = options;
  if (!Number.isInteger(timesteps) || timesteps < 1)
    problems.push({ what: `timesteps must be a whole number from 1 up, not ${timesteps}` });
  if (!(percentile > 0 && percentile <= 100))
    problems.push({ what: `percentile must be above 0 and at most 100, not ${percentile}` });
  for (const [layer, threshold] of options.thresholds ?? [])
    if (!(threshold > 0 && Number.isFinite(Math.fround(threshold))))
      problems.push({ what: `threshold must be positive, not ${threshold}`, where: `layer "${layer}"` });
  if (problems.length > 0) throw new TemperError('usage', problems);
}

async function chooseThresholds(
  network: Network,
  layers: readonly string[],
  percentile: number,
  { thresholds: given = new Map(), calibration, threads, signal }: ConvertOptions,
): Promise<{ thresholds: Map<string, number>; examples: number }> {
  const unknown = [...given.keys()].filter((layer) => !layers.includes(layer));
  const problems = unknown.map((layer) => ({
    what: `threshold for "${layer}", which is no layer of neurons`,
    hint: `layers are ${layers.join(', ')}`,
  }));
  const open = layers.filter((layer) => !given.has(layer));
  if (open.length > 0 && !calibration)
    problems.push({ what: `no calibration data and no threshold for ${open.join(', ')}`, hint: 'give data' });
  if (problems.length > 0) throw new TemperError('usage', problems);
  const found = { thresholds: new Map<string, number>(), examples: 0 };
  if (open.length > 0) {
    const options = {
      percentile,
      batches: calibration!,
      ...(threads && { threads }),
      ...(signal && { signal }),
    };
    Object.assign(found, await calibrateThresholds(network, open, options));
  }
  // float32 as in the file, so that the eager run sees the same number.
  const pick = (layer: string) => Math.fround(given.get(layer) ?? found.thresholds.get(layer)!);
  return { ...found, thresholds: new Map(layers.map((layer) => [layer, pick(layer)])) };
}

/**
 * Expand needs operator set 8 and float comparison 9; between 7 and 9 the operators a spiking network may hold only
 * accepted more types, but for BatchNormalization's `spatial`. Initializers that are no inputs need IR version 4.
 */
function atLeastOpset9(model: Model): Model {
  const version = opsetVersion(model);
  if (version >= 9) return { ...model, irVersion: Math.max(4, model.irVersion) };
  const problems: Problem[] = model.graph.nodes.flatMap((node, index) =>
    node.opType === 'BatchNormalization' && intAttribute(node, 'spatial') === 0
      ? { what: 'BatchNormalization with spatial = 0', where: nodeLabel(node, index) }
      : [],
  );
  if (version < 7)
    problems.push({
      what: `operator set ${version} is too old to convert`,
      where: 'opset_import',
      hint: 'export with 7 or newer',
    });
  if (problems.length > 0) throw new TemperError('model', problems);
  const opsetImport = model.opsetImport.map((set) =>
    set.domain === '' || set.domain === 'ai.onnx' ? { ...set, version: 9 } : set,
  );
  return { ...model, opsetImport, irVersion: Math.max(4, model.irVersion) };
}

function notesOn(source: Model, lifted: Model, { plan }: Spiking): string[] {
  const notes: string[] = [];
  const [before, after] = [opsetVersion(source), opsetVersion(lifted)];
  if (before !== after) notes.push(`operator set raised from ${before} to ${after}`);
  const digital = [...plan.head, ...plan.body].filter((node) => node.opType === 'BatchNormalization').length;
  if (digital > 0)
    notes.push(
      `${digital} BatchNormalization nodes stay beside the crossbars; fold them before converting to map them`,
    );
  if (plan.tail.length > 0)
    notes.push(`${plan.tail.map((node) => node.opType).join(', ')} applied once, to the mean over time`);
  return notes;
}
