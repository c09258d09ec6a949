/** What a run says before its first step: which tensors it trains, which it does not and why, how examples are varied. */
import { augmentationText } from '../../data/augmentation.js';
import { visitNodes } from '../../mapping/crossbar.js';
import type { Parameter } from '../../network/network.js';
import { movesStatistics, usualMomentum } from '../../network/ops/batchNormalization.js';
import { surveyNodes } from '../../network/survey.js';
import { floatAttribute } from '../../onnx/attributes.js';
import { DataType, type Model, type Node } from '../../onnx/model.js';
import { elementCount } from '../../onnx/tensor.js';
import { subgraphs } from '../../onnx/walk.js';
import type { Settings } from '../settings/settings.js';
import { elements } from '../step/host.js';
import { rolesOf } from '../step/state.js';
import type { TrainStepOptions } from '../step/trainStep.js';
import type { GradientCheck } from './gradientCheck.js';

/** Tensors of one fate. */
export interface TensorGroup {
  readonly names: readonly string[];
  readonly values: number;
}

export interface TrainingScope {
  readonly trained: TensorGroup;
  /** Running means and variances, which follow the batches. */
  readonly statistics: TensorGroup;
  /** Those of `trained` that the method leaves free of noise, as they are on no crossbar. */
  readonly noiseless: TensorGroup;
  readonly untrained: readonly (TensorGroup & { readonly why: string })[];
  /** Whether the loss was zero before the first step, so that there were no gradients to check. */
  readonly lossless: boolean;
  readonly augmentation: string;
  readonly remarks: readonly string[];
}

/** @param stepOptions without what the check found */
export function trainingScope(
  model: Model,
  stepOptions: TrainStepOptions,
  settings: Settings,
  { unreached, silent, lossless }: GradientCheck,
): TrainingScope {
  const { network, objective, method } = stepOptions;
  const { trained: all, statistics, fixed } = rolesOf(network, { ...stepOptions, unreached });
  const isStatistic = ({ role }: Parameter) => role === 'mean' || role === 'variance';
  const trained = all.filter(({ name }) => !silent.has(name));
  const away = fixed.filter(({ name }) => unreached.has(name));
  const groups = [
    { ...groupOf(away), why: `they do not reach "${objective.value}", which is trained` },
    ...silentGroups(
      model,
      all.filter(({ name }) => silent.has(name)),
    ),
    { ...groupOf(fixed.filter(isStatistic)), why: 'running statistics, which are frozen' },
    ...constantGroups(model, (name) => network.parameters.has(name)),
  ];
  return {
    trained: groupOf(trained),
    statistics: groupOf(statistics),
    noiseless: groupOf(method.perturbs ? trained.filter(({ role }) => role === 'unmapped') : []),
    untrained: groups.filter(({ names }) => names.length > 0),
    lossless,
    augmentation: augmentationText(settings.augmentation),
    remarks: settings.batchNorm === 'trained' ? momentumRemarks(model) : [],
  };
}

/** One line each. */
export function scopeText(scope: TrainingScope): string[] {
  const { trained, statistics, noiseless, untrained, lossless, augmentation, remarks } = scope;
  const checked = lossless
    ? 'the loss is 0 before the first step, so no gradient could be checked'
    : 'a gradient reaches each of them, checked on two mini-batches';
  const lines = (what: string, group: TensorGroup, why: string) =>
    group.names.length > 0 ? [`${what}: ${size(group)}, ${listed(group.names)}: ${why}`] : [];
  return [
    `trained: ${size(trained)}; ${checked}`,
    ...(statistics.names.length > 0 ? [`following the batches: ${size(statistics)} of statistics`] : []),
    ...untrained.flatMap((group) => lines('not trained', group, group.why)),
    ...lines('trained without noise', noiseless, 'their layers are on no crossbar'),
    ...remarks,
    `augmentation of the examples: ${augmentation}`,
  ];
}

function momentumRemarks(model: Model): string[] {
  const stuck = surveyNodes(model).filter(({ node }) => {
    const momentum = node.opType === 'BatchNormalization' ? floatAttribute(node, 'momentum') : undefined;
    return momentum !== undefined && !movesStatistics(momentum);
  });
  if (stuck.length === 0) return [];
  const momenta = [...new Set(stuck.map(({ node }) => floatAttribute(node, 'momentum')))];
  return [
    `${stuck.length} BatchNormalization ${stuck.length === 1 ? 'node has' : 'nodes have'} momentum ${momenta.join(', ')}, with which running statistics never follow: ${usualMomentum} is used in training`,
  ];
}

function groupOf(parameters: readonly Parameter[]): TensorGroup {
  return {
    names: parameters.map(({ name }) => name),
    values: parameters.reduce((sum, { shape }) => sum + elements(shape), 0),
  };
}

/** By what stands in the way of their gradients. */
function silentGroups(model: Model, silent: readonly Parameter[]): TrainingScope['untrained'] {
  const reasons = new Map<string, Parameter[]>();
  for (const parameter of silent) {
    const stops = stopsBehind(model, parameter.name);
    const why =
      stops.length > 0
        ? `no gradient passes ${stops.join(', ')}`
        : 'no gradient on two mini-batches, as behind units that are dead; kept as they are until one comes';
    reasons.set(why, [...(reasons.get(why) ?? []), parameter]);
  }
  return [...reasons].map(([why, parameters]) => ({ ...groupOf(parameters), why }));
}

/** Follow from shapes alone. */
const shapeOnly = new Set(['Shape', 'Size', 'ConstantOfShape', 'Range', 'Constant']);

/** Operators without a gradient among all that compute with a value. Every value of a body counts if it is given one. */
function stopsBehind(model: Model, name: string): string[] {
  const nodes = surveyNodes(model);
  const reached = new Set([name]);
  const stops = new Set<string>();
  for (let before = 0; before !== reached.size; ) {
    before = reached.size;
    for (const { node, operator } of nodes) {
      if (!node.inputs.some((input) => reached.has(input))) continue;
      if (operator?.gradient === 'no' && !shapeOnly.has(node.opType)) stops.add(node.opType);
      for (const made of [...node.outputs, ...bodyInputs(node)]) reached.add(made);
    }
  }
  return [...stops];
}

function bodyInputs(node: Node): string[] {
  return subgraphs(node).flatMap(({ inputs }) => inputs.map(({ name }) => name));
}

const floats: readonly number[] = [DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE];
const codes: readonly number[] = [
  ...[DataType.INT8, DataType.UINT8, DataType.INT16, DataType.UINT16],
  ...[DataType.INT4, DataType.UINT4, DataType.INT2, DataType.UINT2],
];

/** Stored tensors that are no parameters: floats that no layer learns, and codes that are no weights of a known form. */
function constantGroups(model: Model, isParameter: (name: string) => boolean): TrainingScope['untrained'] {
  const found = new Map<string, { values: number; users: Set<string>; coded: boolean }>();
  visitNodes(model, (_, node, scope) => {
    node.inputs.forEach((name) => {
      const tensor = scope.tensor(name);
      const coded = tensor !== undefined && codes.includes(tensor.dataType) && tensor.dims.length > 1;
      if (!tensor || isParameter(name) || !(coded || floats.includes(tensor.dataType))) return;
      const values = elementCount([...tensor.dims]);
      if (values < 2) return;
      const known = found.get(name) ?? { values, users: new Set<string>(), coded };
      known.users.add(node.opType);
      found.set(name, known);
    });
  });
  const groups = [
    { coded: true, why: 'codes in a form that is not trained' },
    { coded: false, why: 'no layer learns them' },
  ];
  return groups.map(({ coded, why }) => {
    const chosen = [...found].filter(([, tensor]) => tensor.coded === coded);
    const users = new Set(chosen.flatMap(([, tensor]) => [...tensor.users]));
    return {
      names: chosen.map(([name]) => name),
      values: chosen.reduce((sum, [, { values }]) => sum + values, 0),
      why: `${why} (operands of ${[...users].join(', ')})`,
    };
  });
}

function size({ names, values }: TensorGroup): string {
  const tensors = names.length === 1 ? '1 tensor' : `${names.length} tensors`;
  return `${tensors} (${values.toLocaleString('en')} ${values === 1 ? 'value' : 'values'})`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`);
  return shown.join(', ') + (names.length > shown.length ? `, ${names.length - shown.length} more` : '');
}
