/** Large matrices in the state of a step stay in blocks from iteration to iteration: packed before the Loop, unpacked after it. */
import { makeNode } from '../../onnx/build.js';
import { DataType, type Node, type Tensor } from '../../onnx/model.js';
import { makeTensor } from '../../onnx/tensor.js';
import { currentRecorder, recordedTensor, recordedValue } from '../backend.js';
import { extentOf } from '../shapes.js';
import type { Step, StepSpecs } from '../step.js';
import type { TensorSpec, Tensors } from '../trace.js';
import { blockedDomain } from './layout.js';
import { canPack, pack, packedShape, unpack } from './matrices.js';

export interface CarriedStep {
  readonly step: Step;
  readonly specs: StepSpecs;
  /** Names of the state, in order, as the Loop takes and returns it. */
  readonly taken: readonly string[];
  readonly returned: readonly string[];
  /** The state as the program returns it: packed matrices keep the leading ones of the picture. A Reshape would copy them once more. */
  readonly results: readonly TensorSpec[];
  /** Nodes around the Loop, and their constants. */
  readonly before: readonly Node[];
  readonly after: readonly Node[];
  readonly constants: readonly Tensor[];
}

/** The step with packed state. `given` and `final` are the names of the plain state before and after the Loop. */
export function carryPacked(
  step: Step,
  specs: StepSpecs,
  block: number | undefined,
  names: { given: (name: string) => string; final: (name: string) => string },
): CarriedStep {
  const isPacked = ({ shape, dtype }: TensorSpec) =>
    block !== undefined && dtype === 'float32' && canPack(shape, block);
  const packed = specs.state.filter(isPacked);
  const entries = packed.map(({ name, shape }) => packing(names.given(name), shape));
  const state = specs.state.map((spec) =>
    isPacked(spec) ? { ...spec, shape: packedShape(spec.shape) } : spec,
  );
  const inBlocks = (rename: (name: string) => string) =>
    specs.state.map((spec) => (isPacked(spec) ? blocksOf(rename(spec.name)) : rename(spec.name)));
  return {
    step:
      block === undefined
        ? step
        : packedStep(
            step,
            block,
            packed.map(({ name }) => name),
          ),
    specs: { ...specs, state },
    taken: inBlocks(names.given),
    returned: inBlocks(names.final),
    before: entries.flatMap(({ nodes }) => nodes),
    after: packed.map(({ name, shape }) => unpacking(names.final(name), shape)),
    constants: entries.map(({ constant }) => constant),
    results: specs.state.map((spec) => (isPacked(spec) ? { ...spec, shape: [1, 1, ...spec.shape] } : spec)),
  };
}

/** Unpacks what the step is given and packs what it returns; in between, the rules keep to the packed forms. */
function packedStep(step: Step, block: number, packed: readonly string[]): Step {
  const changed = (tensors: Tensors, change: (tensor: Tensors[string]) => Tensors[string]): Tensors => ({
    ...tensors,
    ...Object.fromEntries(packed.flatMap((name) => (tensors[name] ? [[name, change(tensors[name])]] : []))),
  });
  return (state, batch, constants) => {
    const recorder = currentRecorder();
    if (!recorder) throw new Error('a packed step runs only while it is recorded');
    const plain = changed(state, (tensor) => recordedTensor(unpack(recorder, recordedValue(tensor))));
    const result = step(plain, batch, constants);
    return {
      metrics: result.metrics,
      state: changed(result.state, (tensor) => recordedTensor(pack(recorder, block, recordedValue(tensor)))),
    };
  };
}

const blocksOf = (name: string) => `${name}:blocks`;

function packing(plain: string, shape: readonly number[]): { nodes: Node[]; constant: Tensor } {
  const [view, extents, blocks] = [`${plain}:view`, `${plain}:shape`, blocksOf(plain)];
  return {
    nodes: [
      makeNode('Reshape', [plain, extents], [view], {}, { name: view }),
      makeNode(
        'ReorderInput',
        [view],
        [blocks],
        { channels_last: 1 },
        { name: blocks, domain: blockedDomain },
      ),
    ],
    constant: shapeConstant(extents, [1, 1, ...shape]),
  };
}

function unpacking(plain: string, shape: readonly number[]): Node {
  const layout = { channels: extentOf(shape, 1), channels_last: 1 };
  return makeNode('ReorderOutput', [blocksOf(plain)], [plain], layout, {
    name: plain,
    domain: blockedDomain,
  });
}

function shapeConstant(name: string, shape: readonly number[]): Tensor {
  return makeTensor(name, DataType.INT64, [shape.length], BigInt64Array.from(shape, BigInt));
}
