/**
 * The forms in which a differentiable operator may stand in a file, as fast-check arbitraries, for gradients.test.ts.
 *
 * A new operator with gradient 'yes' or 'straight-through' needs one, in the file named like its family in src/network/ops:
 *
 *     MyOperator: (opset) =>
 *       shape(1, 4).chain((of) => fc.record({
 *         inputs: fc.constant([floats(of), ints([0, 1])]),                     // see ExampleInput in test/contracts/example.ts
 *         attributes: attributes({ axis: axis(of.length), alpha: float(0.1, 2) }), // each may be absent
 *       })),
 *
 * - Draw every form that the specification allows in that opset and that Temper does not refuse: ranks, broadcasting,
 *   axes from either end, absent optional inputs and attributes, several `outputs`. Opsets are drawn for you.
 * - Keep values off kinks and ties: `clearOf: [0]`, a positive `between`, or equal `places` for inputs that are compared.
 * - A form on which onnxruntime errs is left out with a comment: the form, the version, and what the truth is.
 * - `TEMPER_PROPERTY_RUNS=300 npx vitest run test/contracts/gradients.test.ts -t "^MyOperator:"` looks hard.
 */
import { activation } from './activation.js';
import { arithmetic } from './arithmetic.js';
import { attentions } from './attention.js';
import { batchNormalizations } from './batchNormalization.js';
import { casts } from './cast.js';
import { columns } from './columns.js';
import { control } from './control.js';
import { convolution } from './convolution.js';
import type { Forms } from './draw.js';
import { einsums } from './einsum.js';
import { gathers } from './gather.js';
import { integer } from './integer.js';
import { losses } from './losses.js';
import { magnitude } from './magnitude.js';
import { matrix } from './matrix.js';
import { normalization } from './normalization.js';
import { order } from './order.js';
import { padding } from './pad.js';
import { pool } from './pool.js';
import { quantizers } from './quantize.js';
import { quantizedProducts } from './quantizedProducts.js';
import { rearrangement } from './rearrange.js';
import { recurrent } from './recurrent.js';
import { reduce } from './reduce.js';
import { resizing } from './resize.js';
import { sampling } from './sampling.js';
import { selection } from './selection.js';
import { shape } from './shape.js';
import { signal } from './signal.js';
import { softmax } from './softmax.js';
import { stateful } from './stateful.js';
import { unary } from './unary.js';

export const forms: Forms = {
  ...activation,
  ...arithmetic,
  ...casts,
  ...columns,
  ...control,
  ...convolution,
  ...integer,
  ...matrix,
  ...normalization,
  ...gathers,
  ...order,
  ...padding,
  ...pool,
  ...rearrangement,
  ...reduce,
  ...resizing,
  ...sampling,
  ...selection,
  ...shape,
  ...signal,
  ...attentions,
  ...batchNormalizations,
  ...einsums,
  ...losses,
  ...magnitude,
  ...recurrent,
  ...quantizers,
  ...quantizedProducts,
  ...softmax,
  ...stateful,
  ...unary,
};

/** The newest opset in which onnxruntime 1.30 runs an operator, where it is older than the newest of all: it has no kernel, or ONNX removed it. */
export const newestRun: Readonly<Record<string, number>> = {
  GlobalLpPool: 21,
  LpPool: 21,
  RoiAlign: 21,
  Scatter: 10,
  Swish: 24,
  Upsample: 9,
};
