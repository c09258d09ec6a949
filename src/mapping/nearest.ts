/** Which known words are like one that nobody knows (Levenshtein distance). */
import { zip } from '../lists/zip.js';

/** The words that differ from `word` in at most a third of it, the nearest first. */
export function nearest(word: string, known: Iterable<string>): string[] {
  const allowed = Math.max(1, Math.floor(word.length / 3));
  return [...new Set(known)]
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance)
    .map(({ candidate }) => candidate);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of a.split('').entries()) {
    let left = i + 1;
    const next = zip(b.split(''), row.slice(0, -1), row.slice(1)).map(([other, diagonal, above]) => {
      left = Math.min(diagonal + (letter === other ? 0 : 1), above + 1, left + 1);
      return left;
    });
    row = [i + 1, ...next];
  }
  return row.at(-1) ?? 0;
}
