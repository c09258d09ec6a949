/** What a mutant may take: in the process that imports and verifies it, and in the one where onnxruntime runs it first. */

/** Processor time and resident memory; by the clock a process on a crowded machine waits for its turn. */
export const ownLimits = { milliseconds: 20_000, bytes: 1.5 * 2 ** 30, longestWait: 300_000 };

/** GiB, and seconds by the clock. */
export const apartLimits = { memory: 1, seconds: 20 };
