/** Run folders as a process leaves them that dies at some moment, and as it leaves them when it is done. */
import { cpSync, rmSync } from 'node:fs';
import { runProgram } from '../../src/cli/program.js';
import type { Fixture } from '../../test/e2e/fixture.js';

/** When: in the midst of training, of the training of the plain rival, of `finetune --checkpoint`, after everything. */
export const moments = ['training', 'rival', 'finetune', 'finished'] as const;
export type Moment = (typeof moments)[number];

export interface Outcome {
  code: number;
  /** What was said on standard error, line by line. */
  said: string[];
}

/** Runs a command in this process. With `dieAt`, it dies where the line is noted, as if it were killed: nothing is tidied up. */
export async function run(argv: readonly string[], dieAt?: (line: string) => boolean): Promise<Outcome> {
  const said: string[] = [];
  const code = await runProgram(argv, {
    print() {},
    note(text) {
      const lines = typeof text === 'string' ? [text] : text;
      said.push(...lines);
      if (lines.some((line) => dieAt?.(line))) throw new Error('killed');
    },
    interactive: false,
    width: 100,
    signal: new AbortController().signal,
  });
  return { code, said };
}

export interface Snapshots {
  /** Folder of a moment, in which nothing is changed. */
  folder(moment: Moment): string;
  /** The same run at an earlier moment. */
  older: string;
  /** Where trials go on: always the same place, so that paths in reports are the same. */
  place: string;
  /** The command that goes on there. */
  command(moment: Moment): string[];
}

const training = [
  '--epochs',
  '4',
  '--batch-size',
  '32',
  '--learning-rate',
  '0.1',
  '--clip',
  '2',
  '--seed',
  '3',
];
const more = ['--device', 'gaussian:0.2', '--draws', '2', '--levels', '1', '--bits', '8'];

/** @param rivals that are made too; without the plain one there is no moment `rival` */
export async function takeSnapshots(
  files: Fixture,
  wanted: readonly Moment[] = moments,
  rivals = 'clipped,plain',
): Promise<Snapshots> {
  const place = files.path('run');
  const folder = (moment: string) => files.path(`at ${moment}`);
  const command = (moment: Moment) =>
    moment === 'finetune'
      ? [
          ...['finetune', files.model, '--data', files.data, ...training, '--device', 'gaussian:0.2'],
          ...['--checkpoint', place, '--out', `${place}/tuned.onnx`],
        ]
      : [
          ...['harden', files.model, '--data', files.data, ...training, ...more],
          ...['--rivals', rivals, '--out', place],
        ];
  const take = async (name: string, moment: Moment, dieAt?: (line: string) => boolean) => {
    rmSync(place, { recursive: true, force: true });
    await run(command(moment), dieAt);
    cpSync(place, folder(name), { recursive: true });
  };
  await take('older', 'training', (line) => line.startsWith('epoch 1/4'));
  for (const moment of wanted) await take(moment, moment, dying(moment));
  return { folder, older: folder('older'), place, command };
}

/** Where a process dies that is to leave its folder as of the moment. */
function dying(moment: Moment): ((line: string) => boolean) | undefined {
  if (moment === 'finished') return undefined;
  let begun = moment !== 'rival';
  return (line) => {
    begun ||= line.includes('is trained now');
    return begun && line.startsWith('epoch 3/4');
  };
}
