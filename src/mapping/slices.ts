/** Which value a part was taken out of: parts of one value, each scaled by stored numbers and added, are a convolution. */
import type { Graph, Node } from '../onnx/model.js';
import { producerMap } from '../onnx/walk.js';

/** Operators whose first operand holds all the numbers that they give, paddings aside. */
export const taking: ReadonlySet<string> = new Set(
  (
    'Slice Split Gather GatherND GatherElements Compress Pad Identity Cast Reshape Flatten Squeeze Unsqueeze Transpose Expand Tile ' +
    'SpaceToDepth DepthToSpace'
  ).split(' '),
);
const deepest = 64;

/** Gives the value behind slices, paddings and views of it; a value that is none of these gives itself. */
export function wholes(graph: Graph): (name: string) => string {
  const producers: ReadonlyMap<string, Node> = producerMap(graph);
  return (name) => {
    let whole = name;
    for (let steps = 0; steps < deepest; steps++) {
      const node = producers.get(whole);
      if (!node || !taking.has(node.opType) || !node.inputs[0]) break;
      whole = node.inputs[0];
    }
    return whole;
  };
}
