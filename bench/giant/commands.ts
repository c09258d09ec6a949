/** The commands that are measured on a model beyond one buffer. */
import { join } from 'node:path';
import type { Subject } from './models.js';

export interface Measured {
  readonly command: string;
  /** The command and its options; the model comes between. */
  readonly words: readonly string[];
}

/**
 * @param data   path of the examples
 * @param folder for what is written
 */
export function commandsFor({ name }: Subject, data: string, folder: string): Measured[] {
  const examples = ['--data', `npz:${data}`, '--scaling', 'asis'];
  const device = ['--device', 'gaussian:0.02'];
  // The table stays digital, and is not trained.
  const digital = name === 'table' ? ['--digital', 'table'] : [];
  const training = ['--epochs', '1', '--batch-size', '4', '--learning-rate', '0.001', '--clip', '0'];
  const out = (file: string) => ['--out', join(folder, file)];
  // Training all of it is refused as it is by finetune.
  const harden = {
    command: 'harden --bits 8',
    words: [
      ...['harden', ...examples, ...device, ...digital, ...training, '--bits', '8'],
      ...['--rivals', 'none', '--draws', '2', '--levels', '1', ...out('run')],
    ],
  };
  return [
    { command: 'verify', words: ['verify', ...examples, ...device, '--draws', '2', ...digital] },
    {
      command: 'finetune',
      words: ['finetune', ...examples, ...device, ...digital, ...training, ...out('tuned.onnx')],
    },
    ...(name === 'table' ? [harden] : []),
    { command: 'export --bits 8', words: ['export', '--bits', '8', ...digital, ...out('codes.onnx')] },
  ];
}
