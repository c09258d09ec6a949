/** Every kernel that can be recorded. A new one is a definition in a file of this folder and a place in this list. */
import type { KernelDefinition } from '../kernel.js';
import { activationKernels } from './activation.js';
import { addressedKernels } from './addressed.js';
import { batchNormKernels } from './batchNorm.js';
import { convKernels } from './conv.js';
import { cumulativeKernels } from './cumulative.js';
import { elementwiseKernels } from './elementwise.js';
import { gatherKernels } from './gather.js';
import { integerKernels } from './integer.js';
import { matmulKernels } from './matmul.js';
import { maximaKernels } from './maxima.js';
import { narrowKernel } from './narrow.js';
import { padKernels } from './pad.js';
import { padWithKernel } from './padWith.js';
import { poolKernels } from './pool.js';
import { productKernel } from './product.js';
import { rangeKernels } from './range.js';
import { reduceKernels } from './reduce.js';
import { repeatKernels } from './repeat.js';
import { shapeKernels } from './shape.js';
import { takeRunKernel } from './takeRun.js';
import { topKernels } from './topK.js';

export const kernels: readonly KernelDefinition[] = [
  ...elementwiseKernels,
  ...activationKernels,
  ...shapeKernels,
  ...padKernels,
  ...rangeKernels,
  ...reduceKernels,
  productKernel,
  ...cumulativeKernels,
  ...gatherKernels,
  ...addressedKernels,
  ...topKernels,
  padWithKernel,
  ...matmulKernels,
  ...convKernels,
  ...poolKernels,
  ...maximaKernels,
  ...repeatKernels,
  ...batchNormKernels,
  ...integerKernels,
  takeRunKernel,
  narrowKernel,
];
