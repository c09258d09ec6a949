import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { metricsLog } from '../../../src/cli/run/metricsLog.js';
import type { EpochRecord } from '../../../src/finetune/history/history.js';
import type { FinetuneEvent } from '../../../src/finetune/run/run.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'temper-metrics-'));
  path = join(folder, 'metrics.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = () => readFileSync(path, 'utf8');
const record = (step: number): EpochRecord => ({
  ...{ epoch: step / 2, step, learningRate: 0.1, strength: 1 },
  train: { loss: 1 / step },
});
const start = (step: number): FinetuneEvent => ({
  ...{ kind: 'start', step, steps: 6, epochs: 3, examples: 8, scope: {} as never },
  records: [2, 4, 6].filter((end) => end <= step).map(record),
});
const steps = (step: number): FinetuneEvent => ({
  ...{ kind: 'steps', step, steps: 6, epoch: Math.ceil(step / 2), learningRate: 0.1, loss: 1 / step },
});
const epoch = (step: number): FinetuneEvent => ({ kind: 'epoch', record: record(step), best: true });

/** Reports from behind step `from` to `to`, as a run does that starts at `from`. */
function run(from: number, to: number): string[] {
  const told: string[] = [];
  const log = metricsLog(path, 'run', (text) => told.push(text));
  log(start(from));
  for (let step = from + 1; step <= to; step++) {
    log(steps(step));
    if (step % 2 === 0) log(epoch(step));
  }
  return told;
}

it('ends the same, wherever a run was stopped and from whichever checkpoint it went on', () => {
  run(0, 6);
  const whole = read();
  for (const [stopped, checkpoint] of [
    [3, 3],
    [5, 4],
    [4, 2],
    [6, 6],
    [1, 0],
  ] as const) {
    run(0, stopped);
    writeFileSync(path, `${read()}{"kind":"st`); // killed while writing
    expect(run(checkpoint, 6)).toEqual([]);
    expect(read()).toBe(whole);
  }
});

it('adds the epoch that a process was killed before writing', () => {
  run(0, 6);
  const whole = read();
  const lines = whole.split('\n');
  writeFileSync(
    path,
    `${lines
      .slice(
        0,
        lines.findIndex((line) => line.includes('"epoch":2,"step":4')),
      )
      .join('\n')}\n`,
  );
  run(4, 6);
  expect(read()).toBe(whole);
});

it('refuses a line that was changed, taken away or moved, tells which, and leaves the file alone', () => {
  run(0, 5);
  const lines = read().split('\n').slice(0, -1);
  const damaged: [string[], RegExp][] = [
    [lines.with(2, lines[2]!.replace('0.1', '0.2')), /line 3/],
    [lines.toSpliced(3, 1), /line 4/],
    [lines.with(1, lines[2]!).with(2, lines[1]!), /line 2/],
    [lines.with(4, ''), /line 5/],
    [[], /before step 5/],
    [lines.slice(0, 4), /before step 5/],
  ];
  for (const [changed, told] of damaged) {
    const text = changed.map((line) => `${line}\n`).join('');
    writeFileSync(path, text);
    const error = (() => {
      try {
        run(5, 6);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ kind: 'io', message: expect.stringMatching(told) });
    expect(read()).toBe(text);
  }
});

it('goes on without a file that was moved away, says so, and marks the gap', () => {
  run(0, 4);
  rmSync(path);
  expect(run(4, 4)).toEqual([expect.stringContaining('up to step 4')]);
  expect(run(4, 6)).toEqual([]);
  const kinds = read()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).kind);
  expect(kinds).toEqual(['gap', 'epoch', 'steps', 'steps', 'epoch']);
});

it('leaves a copy by hard links as it is', () => {
  run(0, 4);
  const copy = join(folder, 'copy.jsonl');
  for (const from of [2, 0]) {
    const before = read();
    linkSync(path, copy);
    run(from, 6);
    expect(readFileSync(copy, 'utf8')).toBe(before);
    rmSync(copy);
  }
  expect(readdirSync(folder)).toEqual(['metrics.jsonl']);
});
