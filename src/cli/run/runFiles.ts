/** The names that a run may give to files of its folder. */

export const runFiles = [
  'recipe.json',
  'stages.json',
  'metrics.jsonl',
  'checkpoint/checkpoint.safetensors',
  'checkpoint/previous.safetensors',
  'checkpoint/original.onnx',
  'checkpoint/exported.onnx',
  'checkpoint/before.json',
  'checkpoint/after.json',
  'checkpoint/after.equal.json',
  'checkpoint/clipped.onnx',
  'checkpoint/clipped.json',
  'checkpoint/clipped.equal.json',
  'checkpoint/plain/checkpoint.safetensors',
  'checkpoint/plain/previous.safetensors',
  'checkpoint/plain.onnx',
  'checkpoint/plain.json',
  'checkpoint/plain.equal.json',
  'finetuned.onnx',
  'best-epoch.onnx',
  'converted.onnx',
  'hardened.onnx',
  'rejected.onnx',
  'crossbar.json',
  'rivals/clipped.onnx',
  'rivals/plain.onnx',
  'rivals/plain.jsonl',
  'rivals/plain.best-epoch.onnx',
  'report.json',
  'report.html',
] as const;
export type RunFile = (typeof runFiles)[number];

/** Inner ones first. */
export const runFolders = ['checkpoint/plain', 'checkpoint', 'rivals'] as const;
export type RunSubfolder = (typeof runFolders)[number];

/** What the trainer writes into the folder of its checkpoints. */
export function checkpointFiles(folder: 'checkpoint' | 'checkpoint/plain'): RunFile[] {
  return [`${folder}/checkpoint.safetensors`, `${folder}/previous.safetensors`];
}
