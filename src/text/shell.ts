/** A command line for a POSIX shell to read, whatever its words hold. */

/** Means itself in every shell. Words that begin with `=` do not (zsh). */
const plain = /^[\w./:,@%+-][\w./:,=@%+-]*$/;

/** Words as a shell gives them back. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/**
 * In single quotes nothing but `'` means anything. Line breaks and signs that are not seen stand between `$'…'`, which bash,
 * zsh, ksh and POSIX.1-2024 know: the line stays one line, and what it does can be read.
 */
export function shellWord(word: string): string {
  if (plain.test(word)) return word;
  if (!/[\p{C}\p{Zl}\p{Zp}]/u.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const signs = word.replace(/[\p{C}\p{Zl}\p{Zp}'\\]/gu, (sign) =>
    sign === "'" || sign === '\\' ? `\\${sign}` : bytesOf(sign),
  );
  return `$'${signs}'`;
}

/** A path as an argument: one that begins with a dash would be taken for an option. */
export function pathWord(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}

/** Three digits each, so that a digit behind is none of them. */
function bytesOf(sign: string): string {
  return [...new TextEncoder().encode(sign)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
