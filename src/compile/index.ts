/** The bridge from TensorFlow.js to ONNX: write a function in tfjs, run it with onnxruntime. */
export { choose } from './choose.js';
export { type EngineName, engines, openStep, type StepOptions } from './engine.js';
export { takeRun } from './kernels/takeRun.js';
export { type CompiledFunction, compileFunction, programOpset, traceModel } from './program.js';
export type { Step, StepProgram, StepSpecs } from './step.js';
export { type TensorFunction, type TensorSpec, type Tensors, trace } from './trace.js';
