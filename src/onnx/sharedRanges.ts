/**
 * Values of files that are still held by a model: read again, they are these. A run opens the same model of gigabytes to train it,
 * to judge it and to draw noise on it, and nobody changes values in place (src/onnx/model.ts). A file that was written to has
 * another version, and is read.
 */

const held = new Map<string, WeakRef<Uint8Array>>();

/** Less is read as fast as it is looked up. */
const least = 2 ** 20;

/** @param key of a range in one version of one file */
export function sharedRange(
  key: string,
  length: number,
): { found?: Uint8Array; share(bytes: Uint8Array): void } {
  if (length < least) return { share: () => {} };
  const found = held.get(key)?.deref();
  if (found) return { found, share: () => {} };
  return {
    share(bytes) {
      for (const [other, reference] of held) if (reference.deref() === undefined) held.delete(other);
      held.set(key, new WeakRef(bytes));
    },
  };
}
