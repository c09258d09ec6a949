/** A run that diverged ends without a result, but not without what its epochs reached: the best of them is handed out. */
import type { Model } from '../../onnx/model.js';
import type { History, Validation } from '../history/history.js';
import { words } from '../result/resultNotes.js';
import type { FinetuneOptions } from '../run/run.js';
import { meritOf, outdoes } from '../validation/merit.js';
import { Divergence } from './refusals.js';

/** `error`, and where the best epoch is kept; `model` makes it. */
export async function withBestKept(
  error: Divergence,
  { onDivergence }: FinetuneOptions,
  { records, best, start }: History,
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
  return told(`the best epoch before that, ${epoch}${reached}, ${place}${againstStart(validation, start)}`);
}

/** What is kept is the best of the epochs, which says nothing of the model that went in. */
function againstStart(kept: Validation | undefined, start: Validation | undefined): string {
  if (!kept || !start) return '; whether it is better than the model as it came is not known';
  if (!outdoes(meritOf(start, start), meritOf(kept, start))) return '';
  return `; it is worse than the model as it came (${words(start)})`;
}
