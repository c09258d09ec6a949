/** Temper as a library: the stages, what passes between them, and what can be chosen. */

export type { Dataset, Split } from './data/dataset.js';
export type { Normalization } from './data/normalize.js';
export { type OpenOptions, openDataset } from './data/open.js';
export type { Scaling } from './data/scalings.js';
export { type Device, devices, parseDevice } from './devices/index.js';
export { describeProblem, type ErrorKind, exitCodes, type Problem, TemperError } from './errors.js';
export { type Exported, type ExportOptions, exportModel } from './export/exportModel.js';
export { writeExport } from './export/writeExport.js';
export { writeModel } from './export/writeModel.js';
export { finetune } from './finetune/finetune.js';
export type { EpochRecord, History } from './finetune/history/history.js';
export { methods } from './finetune/methods/index.js';
export { optimizers } from './finetune/optimizers/index.js';
export type { FinetuneEvent, FinetuneOptions, FinetuneResult } from './finetune/run/run.js';
export type { FinetuneSettings, Settings } from './finetune/settings/settings.js';
export { calibrationBatches } from './finetune/snn/batches.js';
export {
  type Converted,
  type ConvertOptions,
  checkConvertible,
  convertToSnn,
} from './finetune/snn/convert.js';
export { scopeText, type TrainingScope } from './finetune/start/started.js';
export { checkModel } from './import/check.js';
export { type Dimensions, type OpenExtent, openExtents } from './import/dimensions.js';
export { type Examination, type ExamineOptions, examine } from './import/examine.js';
export { type Imported, importModel } from './import/importModel.js';
export type { PassReport } from './import/normalize/pass.js';
export { brokenValues } from './mapping/brokenValues.js';
export { unmappedLayers } from './mapping/classify.js';
export { type CrossbarTensor, crossbarTensors } from './mapping/crossbar.js';
export type { Layer } from './mapping/digital.js';
export type { Network, NetworkInput, Parameter } from './network/network.js';
export { neurons } from './neurons/index.js';
export { decodeModel, encodeModel } from './onnx/codec.js';
export { readModel } from './onnx/file.js';
export type { Graph, Model, Node, Tensor, ValueInfo } from './onnx/model.js';
export { renderReport } from './report/renderReport.js';
export { parseReport, type Report, reportSchema } from './report/report.js';
export { type RehearseOptions, rehearse } from './verify/feed/rehearse.js';
export {
  type ProbeOptions,
  probeScalings,
  type ScalingProbe,
  type ScalingTrial as Trial,
} from './verify/model/probeScalings.js';
export { betterScaling } from './verify/model/scalingEvidence.js';
export { parseRequirement } from './verify/report/requirement.js';
export { checkRequirement } from './verify/report/verdicts.js';
export { type VerifyOptions, type VerifyProgress, type VerifyReport, verify } from './verify/verify.js';
