/** What a model may take where it is first run, in a process apart. For every command that gives a model to onnxruntime. */
import type { Asked } from '../../runtime/limits.js';
import { type OptionValues, real } from '../parse/option.js';

export const apartOptions = {
  'max-memory': real(
    'GiB of memory that onnxruntime may take for one batch of the model, tried in a process of its own; left out, 4 and four times the size of the model. Also what training may take, which is estimated before it begins; left out, what the machine has',
    { value: 'GIB', minimum: 0.1, maximum: 65_536 },
  ),
  'max-seconds': real(
    'seconds that it may take there, and a third of what each batch may take afterwards; left out, 120 and a minute for each GiB of the model',
    { value: 'N', minimum: 0.1, maximum: 604_800 },
  ),
};

/** Bytes that training may take: what was asked for, or what there is. */
export function memoryOf(values: OptionValues<typeof apartOptions>): { memory?: number } {
  const asked = values['max-memory'];
  return asked === undefined ? {} : { memory: asked * 2 ** 30 };
}

export function askedOf(values: OptionValues<typeof apartOptions>): Asked {
  return { memory: values['max-memory'], seconds: values['max-seconds'] };
}
