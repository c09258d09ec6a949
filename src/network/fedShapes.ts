/** Shapes of what is fed, against what the file declares. */
import type * as tf from '@tensorflow/tfjs';
import { TemperError } from '../errors.js';
import type { Network } from './network.js';

/** Inputs that share a symbol have the same extent there. */
export function checkSymbols({ inputs }: Network, given: Record<string, tf.Tensor>): void {
  const seen = new Map<string, { name: string; extent: number | undefined }>();
  for (const { name, symbols } of inputs) {
    symbols.forEach((symbol, axis) => {
      const extent = (Object.hasOwn(given, name) ? given[name] : undefined)?.shape[axis];
      if (symbol === undefined) return;
      const first = seen.get(symbol);
      if (first && extent !== undefined && first.extent !== extent)
        throw new TemperError('model', {
          what: `"${symbol}" is ${first.extent} in input "${first.name}" and ${extent} in input "${name}"`,
        });
      seen.set(symbol, first ?? { name, extent });
    });
  }
}

export function checkShape(
  name: string,
  actual: readonly number[],
  declared: readonly (number | undefined)[],
): void {
  const fits =
    actual.length === declared.length && declared.every((n, i) => n === undefined || n === actual[i]);
  if (fits) return;
  const wanted = declared.map((extent, i) => extent ?? (i === 0 ? 'batch' : '?'));
  throw new TemperError('model', {
    what: `input "${name}" is [${actual}] where [${wanted.join(', ')}] belongs`,
  });
}
