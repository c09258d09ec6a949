/** The known word nearest to a misspelt one. */
import { nearest } from '../../mapping/nearest.js';

export function suggest(word: string, known: readonly string[]): string | undefined {
  return nearest(word, known)[0];
}
