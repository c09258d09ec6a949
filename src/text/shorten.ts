/** Long texts cut in the middle, so that a message stays one whatever a file calls its nodes. */

const longestName = 100;
const longestText = 1000;

/** The middle gives way to a count of what is left out; both ends are kept, which tell most. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.ceil((2 * most) / 3);
  const tail = most - head;
  return `${whole(text.slice(0, head))}… (${text.length - most} more) …${whole(text.slice(-tail))}`;
}

/** A name or a value by itself. */
export function shortName(name: string): string {
  return shorten(name, longestName);
}

/** A sentence: what stands between quotation marks, or long without a blank, is cut first, so that the words around it remain. */
export function shortText(text: string): string {
  if (text.length <= longestName) return text;
  const names = text.replace(/"[^"]{101,}"/g, (quoted) => `"${shortName(quoted.slice(1, -1))}"`);
  return shorten(
    names.replace(/\S{241,}/g, (word) => shorten(word, 2 * longestName)),
    longestText,
  );
}

/** Without the half of a surrogate pair at an end. */
function whole(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}
