/** What stands in the way of importing a model: everything, found before any work. */
import type { Problem } from '../errors.js';
import type { Model } from '../onnx/model.js';
import { type ExamineOptions, examine } from './examine.js';

/** Every problem of the model; empty if it can be imported. */
export function checkModel(model: Model, options: ExamineOptions = {}): readonly Problem[] {
  return examine(model, options).problems;
}
