/** A run that diverged ends without a result, but not without what its epochs reached: the best of them is handed out. */
import type { Model } from '../onnx/model.js';
import type { History } from './history.js';
import { Divergence } from './refusals.js';
import { words } from './resultNotes.js';
import type { FinetuneOptions } from './run.js';

/** `error`, and where the best epoch is kept; `model` makes it. */
export async function withBestKept(
  error: Divergence,
  { onDivergence }: FinetuneOptions,
  { records, best }: History,
  model: () => Model,
): Promise<Divergence> {
  const record = best === undefined ? undefined : records[best];
  const [{ hint, ...problem }] = error.problems as [Divergence['problems'][number]];
  const told = (text: string) =>
    new Divergence('model', { ...problem, hint: `${hint}; ${text}` }, { cause: error });
  if (!record) return told('no epoch had ended, so there is nothing to keep');
  if (!onDivergence) return error;
  const { epoch, validation } = record;
  const reached = validation ? ` (validation: ${words(validation)})` : '';
  const place = await onDivergence(model(), record).then(
    (path) => `is kept in ${path}`,
    (cause: unknown) => `could not be kept: ${cause instanceof Error ? cause.message : String(cause)}`,
  );
  return told(`the best epoch before that, ${epoch}${reached}, ${place}`);
}
