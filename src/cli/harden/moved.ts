/** A run knows its inputs by their content: where one is not found, it may lie elsewhere now, and that is what is asked for. */
import { missingHint, TemperError } from '../../errors.js';
import type { HardenValues } from './prepare.js';

/**
 * For `catch`: what is not found is told with where to say its place.
 * @param begun whether the folder of the run holds one
 */
export function perhapsMoved(
  input: 'model' | 'data',
  { repetition, out, ...values }: HardenValues,
  begun: boolean,
): (error: unknown) => never {
  return (error) => {
    const { path, recipe } = repetition ?? {};
    const named =
      input === 'model' ? recipe?.model.path === values.input : recipe?.options.data === values.data;
    if (!(error instanceof TemperError) || error.kind !== 'io' || !(named || begun)) throw error;
    const way = input === 'model' ? 'temper harden MODEL' : 'temper harden MODEL --data READER:PLACE';
    const hint = named
      ? `${path} says where it lay: if it was moved, say where it is now: ${way} --recipe ${path} …`
      : `the run goes on with the same content, wherever it lies: if it was moved, say where it is now: ${way} --out ${out} …`;
    throw new TemperError(
      'io',
      // What is there, and wrong, has other advice.
      error.problems.map((problem) => (problem.hint === missingHint ? { ...problem, hint } : problem)),
      { cause: error },
    );
  };
}
