/**
 * How many steps go into one run of the program, and how often a checkpoint is written. Neither changes a result. Both are told
 * by sizes, not by a clock: copying the state in and out of the engine and writing it to disk should cost a few per cent.
 */
import type { StepSpecs } from '../../compile/index.js';
import { byteSize } from '../step/host.js';

const mebibyte = 2 ** 20;

/**
 * Steps per run: enough that 16 MiB of batches are worth the call, and that the copies of the state (tens of milliseconds
 * where it is tens of MiB) are few; but no more than 64, and no more than 128 MiB of batches. A chunk is also how long Ctrl-C
 * waits: ten steps of a ResNet-20 at batch 128.
 */
export function chunkSteps({ state, batch }: StepSpecs): number {
  const perBatch = byteSize(batch);
  const wanted = Math.max((16 * mebibyte) / perBatch, byteSize(state) / (2 * mebibyte));
  return Math.max(1, Math.floor(Math.min(wanted, 64, (128 * mebibyte) / perBatch)));
}

/** Steps between checkpoints, one for each MiB of the state: writing takes milliseconds per MiB, a step takes longer. */
export function checkpointSteps({ state }: StepSpecs): number {
  return Math.max(1, Math.ceil(byteSize(state) / mebibyte));
}
