/**
 * metrics.jsonl: what training reports, one JSON object a line, appended as it happens. Each line carries `check`, a hash of
 * itself and of all lines before it, so that a changed, missing or moved line is told. A resumed run first cuts off what lies
 * behind its checkpoint: the file of an interrupted run ends up the same as that of an uninterrupted one.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { TemperError } from '../../errors.js';
import type { EpochRecord } from '../../finetune/history/history.js';
import type { FinetuneEvent } from '../../finetune/run/run.js';

/**
 * Events are written in order and at once: after a kill, the file is never ahead by more than a partial line, and never behind a
 * checkpoint. The function throws TemperError('io') where a resumed run finds the file damaged.
 * @param run  tells this run from others: the file of another is none of this one's
 * @param tell hears of a file that is missing
 */
export function metricsLog(
  path: string,
  run: string,
  tell: (text: string) => void,
): (event: FinetuneEvent) => void {
  let check = run;
  const append = (entry: object) => {
    const content = JSON.stringify(entry);
    check = checkOf(check, content);
    appendLine(path, `${content.slice(0, -1)},"check":"${check}"}\n`);
  };
  return (event) => {
    switch (event.kind) {
      case 'start': {
        const { step, steps, scope, validation, records } = event;
        ownAlone(path);
        if (step === 0) writeFileSync(path, '');
        const kept = step === 0 ? undefined : cutBehind(path, run, step);
        check = kept?.check ?? run;
        if (step > 0 && !kept) {
          tell(`${path} is missing: what training reported up to step ${step} is lost`);
          append({ kind: 'gap', step });
        }
        if (step === 0) append({ kind: 'start', step, steps, scope, validation });
        const last = records.at(-1);
        // The process may have been killed just before writing it.
        if (last && last.step === step && !kept?.epoch) append(epochEntry(last));
        break;
      }
      case 'choice':
        if (event.step === 0) append(event);
        break;
      case 'steps':
        append(event);
        break;
      case 'epoch':
        append(epochEntry(event.record));
        break;
      case 'decision':
        append(event);
        break;
    }
  };
}

function epochEntry(record: EpochRecord): object {
  return { kind: 'epoch', ...record };
}

function checkOf(before: string, content: string): string {
  return createHash('sha256').update(before).update(content).digest('hex').slice(0, 16);
}

/** A copy of the folder by hard links (`cp -al`) keeps what it has: the file is changed in place. */
function ownAlone(path: string): void {
  const links = statSync(path, { throwIfNoEntry: false })?.nlink ?? 1;
  if (links < 2) return;
  const copy = `${path}.temper-${randomBytes(16).toString('hex')}`;
  copyFileSync(path, copy);
  renameSync(copy, path);
}

/** On the disk before the checkpoint that follows it. */
function appendLine(path: string, line: string): void {
  const file = openSync(path, 'a');
  try {
    writeSync(file, line);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

interface Kept {
  /** Of the last line. */
  check: string;
  /** Whether the last line is of the epoch that ends with the step. */
  epoch: boolean;
}

/** Keeps the lines up to those of `step`; what lies behind was written after the checkpoint. Undefined if there is no file. */
function cutBehind(path: string, run: string, step: number): Kept | undefined {
  const bytes = read(path);
  if (!bytes) return undefined;
  const kept: Kept = { check: run, epoch: false };
  let [begin, line, reached] = [0, 1, false];
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin), line++) {
    const entry = parseLine(bytes.toString('utf8', begin, end), kept.check);
    if (!entry && !reached) throw damaged(path, `line ${line} is not what was written`);
    // A decision is reported again by a run that goes on.
    if (!entry || entry.step > step || entry.kind === 'decision') break;
    reached ||= (entry.kind === 'steps' || entry.kind === 'gap') && entry.step === step;
    kept.check = entry.check;
    kept.epoch = entry.kind === 'epoch' && entry.step === step;
    begin = end + 1;
  }
  if (!reached) throw damaged(path, `it ends before step ${step}, where the checkpoint is`);
  truncateSync(path, begin);
  return kept;
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

interface Line {
  kind: unknown;
  step: number;
  check: string;
}

const ending = /,"check":"([0-9a-f]{16})"\}$/;

/** Undefined if the line is not the one that follows `before`. */
function parseLine(text: string, before: string): Line | undefined {
  const check = ending.exec(text)?.[1];
  const content = text.replace(ending, '}');
  if (check === undefined || check !== checkOf(before, content)) return undefined;
  const { kind, step, record } = JSON.parse(content);
  return { kind, step: step ?? record?.step, check };
}

function damaged(path: string, why: string): TemperError {
  return new TemperError('io', {
    what: `damaged: ${why}`,
    where: path,
    hint: 'restore it from a copy, or move it away: training then goes on, without what it reported before',
  });
}
