/** JSON files that carry the SHA-256 of their own content, so that a damaged or edited one is told from what was written. */
import { createHash } from 'node:crypto';

export function sha256OfJson(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** `content` and its digest, as the last entry. */
export function sealed<T extends object>(content: T): T & { sha256: string } {
  return { ...content, sha256: sha256OfJson(content) };
}

/** Whether content that was read is what was sealed; false too if it was never sealed. */
export function isIntact({ sha256, ...content }: { sha256?: string | undefined }): boolean {
  return sha256 === sha256OfJson(content);
}
