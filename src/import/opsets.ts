/**
 * The operator sets that can be imported: those that onnxruntime runs, for what it cannot run can be neither trained in it nor
 * verified. The network understands some more, on either side.
 */
import type { Problem } from '../errors.js';
import type { Model } from '../onnx/model.js';
import { opsetVersion } from '../onnx/walk.js';

export const oldestImported = 7;
/** The newest that onnxruntime-node 1.30 loads. */
export const newestImported = 26;

export function opsetProblems(model: Model): Problem[] {
  const opset = opsetVersion(model);
  if (opset >= oldestImported && opset <= newestImported) return [];
  return [
    {
      what:
        opset === 0
          ? 'the model does not import the default operator set'
          : `opset ${opset} is not supported`,
      where: 'opset_import of the model',
      hint: `onnxruntime runs opsets ${oldestImported} to ${newestImported}: convert the model with onnx.version_converter, or export it anew`,
    },
  ];
}
