/** Training that diverges ends with exit code 3, and the best epoch before that in a file that the message names. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { type Fixture, fixture, temper } from './fixture.js';

let files: Fixture;
beforeAll(async () => {
  files = await fixture(320);
});

/** The learning rate rises beyond all bounds half-way. */
const diverging = [
  ...[
    '--epochs',
    '4',
    '--batch-size',
    '32',
    '--optimizer',
    'sgd',
    '--schedule',
    'step',
    '--milestones',
    '0.5',
  ],
  ...[
    '--factor',
    '1e30',
    '--learning-rate',
    '0.05',
    '--clip',
    '2',
    '--device',
    'gaussian:0.2',
    '--seed',
    '1',
  ],
];
const kept = (err: string) => /best epoch before that, (\d).*is kept in (\S+)/.exec(err)!;

it('finetune writes it beside the output, and over nothing', async () => {
  const args = ['finetune', files.model, '--data', files.data, ...diverging, '--quiet'];
  writeFileSync(files.path('tuned.best-epoch-2.onnx'), 'of somebody else');
  writeFileSync(files.path('tuned.best-epoch-1.onnx'), 'of somebody else');
  const { code, err } = await temper(...args, '--out', files.path('tuned.onnx'));
  expect(code).toBe(3);
  const [, epoch, place] = kept(err);
  expect(place).toBe(files.path(`tuned.best-epoch-${epoch}-2.onnx`));
  expect(readFileSync(files.path(`tuned.best-epoch-${epoch}.onnx`), 'utf8')).toBe('of somebody else');
  expect(existsSync(files.path('tuned.onnx'))).toBe(false);
  const judged = await temper(
    ...[
      'verify',
      place!,
      '--data',
      files.data,
      '--device',
      'gaussian:0.2',
      '--draws',
      '2',
      '--scaling',
      'asis',
      '--quiet',
    ],
  );
  expect(judged).toMatchObject({ code: 0 });
});

it('harden leaves it in the folder of the run, the same when it is started again', async () => {
  const args = [
    'harden',
    files.model,
    '--data',
    files.data,
    ...diverging,
    '--draws',
    '2',
    '--levels',
    '1',
    '--quiet',
  ];
  const first = await temper(...args, '--out', files.path('run'));
  expect(first.code).toBe(3);
  const [, , place] = kept(first.err);
  expect(place).toBe(files.path('run/best-epoch.onnx'));
  const bytes = readFileSync(place!);
  const again = await temper(...args, '--out', files.path('run'));
  expect(again).toMatchObject({ code: 3, err: expect.stringContaining('is kept in') });
  expect(readFileSync(place!).equals(bytes)).toBe(true);
  expect(readdirSync(files.path('run'))).not.toContain('hardened.onnx');
});
