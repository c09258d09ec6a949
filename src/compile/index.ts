/** The bridge from TensorFlow.js to ONNX: write a function in tfjs, run it with onnxruntime. */
export { bool, float32, type HostTensor, int32 } from '../runtime/host.js';
export { foldLimit, TooManyConstants, UnknownValue } from './backend.js';
export { choose } from './choose.js';
export { toHost, toTensor } from './eager.js';
export { type EngineName, engines, openStep, type StepOptions } from './engine.js';
export { panelWidth, takeRun } from './kernels/takeRun.js';
export { openProgram } from './openProgram.js';
export { type CompiledFunction, compileFunction, programOpset, traceModel } from './program.js';
export type { Step, StepProgram, StepSpecs } from './step.js';
export { type TensorFunction, type TensorSpec, type Tensors, trace } from './trace.js';
