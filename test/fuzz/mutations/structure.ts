/** Damage to a model that stays a readable file: what an attacker does who knows ONNX. Each changes the model it is given. */
import type { Model } from '../../../src/onnx/model.js';
import type { Draw } from '../draw.js';
import { manyMutations } from './many.js';
import { nameMutations } from './names.js';
import { nodeMutations } from './nodes.js';
import { numberMutations } from './numbers.js';
import { tensorMutations } from './tensors.js';

export type ModelMutation = (model: Model, draw: Draw) => void;

export const modelMutations: Readonly<Record<string, ModelMutation>> = {
  ...nameMutations,
  ...nodeMutations,
  ...numberMutations,
  ...tensorMutations,
  ...manyMutations,
};
