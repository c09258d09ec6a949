/**
 * metrics.jsonl: what training reports, one JSON object a line, appended as it happens. A resumed run first drops what lies
 * behind its checkpoint, so that the file of an interrupted run ends up the same as that of an uninterrupted one.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { EpochRecord } from '../finetune/history.js';
import type { FinetuneEvent } from '../finetune/run.js';

/** Events are written in order and at once: after a kill, the file is never ahead by more than a partial line. */
export function metricsLog(path: string): (event: FinetuneEvent) => void {
  return (event) => {
    switch (event.kind) {
      case 'start':
        begin(path, event);
        break;
      case 'choice':
        if (event.step === 0) append(path, event);
        break;
      case 'steps':
        append(path, event);
        break;
      case 'epoch':
        append(path, epochEntry(event.record));
        break;
      case 'decision':
        append(path, event);
        break;
    }
  };
}

/** Keeps the whole lines of the steps done, and adds the last epoch's if the process was killed just before writing it. */
function begin(
  path: string,
  { step, steps, scope, validation, records }: FinetuneEvent & { kind: 'start' },
): void {
  const kept = step === 0 ? [] : linesOf(path).filter((line) => stepOf(line) <= step && !isDecision(line));
  writeFileSync(path, kept.map((line) => `${line}\n`).join(''));
  if (step === 0) append(path, { kind: 'start', step, steps, scope, validation });
  const last = records.at(-1);
  const known = kept.some((line) => line.startsWith('{"kind":"epoch"') && stepOf(line) === last?.step);
  if (last && !known && last.step === step) append(path, epochEntry(last));
}

/** Is reported again by a run that goes on. */
function isDecision(line: string): boolean {
  return line.startsWith('{"kind":"decision"');
}

function epochEntry(record: EpochRecord): object {
  return { kind: 'epoch', ...record };
}

function append(path: string, entry: object): void {
  appendFileSync(path, `${JSON.stringify(entry)}\n`);
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A line that was being written when the process was killed belongs to no step. */
function stepOf(line: string): number {
  try {
    return JSON.parse(line).step;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
