/**
 * Every command that writes, killed with SIGKILL at random moments and given again until it ends: the same files, byte for byte,
 * as when it is left alone; nothing half written on the way, nothing left over, and a file of the user's beside them untouched.
 * A small model that learns in seconds; the moments are drawn, what they hit depends on the machine.
 *
 *   npm run bench:kills [-- KILLS] [--check]        --check: only judge, write no result. Needs `npm run build`.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { randomStream } from '../src/random/stream.js';
import { fixture } from '../test/e2e/fixture.js';
import { runKilled } from './killed.js';
import { writeResult } from './machine.js';

const check = process.argv.includes('--check');
const asked = Number(process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? 200);

interface Command {
  readonly name: string;
  /** Part of all kills. */
  readonly share: number;
  readonly words: readonly string[];
  /** Whether what it writes goes through states of its own on the way, in a folder of its own. */
  readonly resumes: boolean;
}

const data = ['--data', 'npz:data.npz', '--scaling', 'asis'];
const commands: readonly Command[] = [
  {
    name: 'harden',
    share: 0.4,
    words: [
      ...['harden', 'model.onnx', ...data, '--device', 'gaussian:0.1', '--epochs', '2', '--draws', '3'],
      ...['--batch-size', '16', '--bits', '8', '--out', 'run'],
    ],
    resumes: true,
  },
  {
    name: 'finetune',
    share: 0.2,
    words: [
      ...[
        'finetune',
        'model.onnx',
        ...data,
        '--device',
        'gaussian:0.1',
        '--epochs',
        '2',
        '--batch-size',
        '16',
      ],
      ...['--checkpoint', 'checkpoint', '--out', 'tuned.onnx'],
    ],
    resumes: true,
  },
  {
    name: 'export',
    share: 0.1,
    words: ['export', 'model.onnx', '--bits', '8', '--out', 'chip.onnx'],
    resumes: false,
  },
  {
    name: 'convert',
    share: 0.1,
    words: ['convert', 'model.onnx', ...data, '--timesteps', '4', '--out', 'spiking.onnx'],
    resumes: false,
  },
  {
    name: 'verify',
    share: 0.1,
    words: [
      ...['verify', 'model.onnx', ...data, '--device', 'gaussian:0.1', '--draws', '3'],
      ...['--json', 'verified.json', '--html', 'verified.html', '--write-chip', '1', 'chip1.onnx'],
    ],
    resumes: false,
  },
  {
    name: 'report',
    share: 0.1,
    words: ['report', 'given.json', '--out', 'page.html', '--svg', 'curve.svg'],
    resumes: false,
  },
];

const run = ({ words }: Command, cwd: string, seconds?: number) =>
  runKilled(words, { cwd, ...(seconds !== undefined && { seconds }) });

type Digests = ReadonlyMap<string, string>;

function digests(place: string): Digests {
  const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map(({ parentPath, name }) => relative(place, join(parentPath, name))).sort();
  return new Map(
    paths.map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(place, path)))
        .digest('hex'),
    ]),
  );
}

function differences(found: Digests, expected: Digests): string[] {
  return [...new Set([...found.keys(), ...expected.keys()])].filter(
    (path) => found.get(path) !== expected.get(path),
  );
}

interface Row {
  command: string;
  kills: number;
  /** Kills that came after the end. */
  late: number;
  secondsAlone: number;
  /** Outputs that lay at their place half written. */
  half: number;
  /** Runs whose files were not those of a run left alone, with what differed. */
  different: string[];
}

async function tryCommand(command: Command, given: string, place: string, kills: number): Promise<Row> {
  const begin = () => {
    rmSync(place, { recursive: true, force: true });
    cpSync(given, place, { recursive: true });
    writeFileSync(join(place, '.mine.1-2'), 'of the user');
  };
  begin();
  const { seconds } = await run(command, place);
  const expected = digests(place);
  const row: Row = {
    ...{ command: command.words.join(' '), kills: 0, late: 0, secondsAlone: Number(seconds.toFixed(2)) },
    ...{ half: 0, different: [] },
  };
  const stream = randomStream('bench', command.name);
  // Up to three kills in a row before the run is left to end.
  for (const [moment, others] of chunked(stream.uniforms(20 * kills), 2)) {
    if (row.kills >= kills) break;
    begin();
    const inARow = command.resumes ? 1 + Math.floor(3 * others!) : 1;
    for (let i = 0; i < inARow && row.kills < kills; i++) {
      const { killed } = await run(command, place, ((moment! + i / inARow) % 1) * seconds);
      if (killed) row.kills++;
      else row.late++;
      if (!command.resumes) {
        const now = digests(place);
        for (const [path, digest] of now)
          if (!path.includes('.temper-') && expected.get(path) !== digest) row.half++;
      }
    }
    await run(command, place);
    const wrong = differences(digests(place), expected);
    if (wrong.length > 0) row.different.push(wrong.join(', '));
  }
  return row;
}

function chunked<T>(list: ArrayLike<T>, size: number): T[][] {
  return Array.from({ length: Math.floor(list.length / size) }, (_, i) =>
    Array.from({ length: size }, (_, k) => list[i * size + k]!),
  );
}

const folder = mkdtempSync(join(tmpdir(), 'temper-kills-'));
try {
  const given = join(folder, 'given');
  cpSync((await fixture(160, mkdtempSync(join(folder, 'fixture-')))).folder, given, { recursive: true });
  const make: Command = {
    ...{ name: '', share: 0, resumes: false },
    words: [
      'verify',
      'model.onnx',
      ...data,
      '--device',
      'gaussian:0.1',
      '--draws',
      '3',
      '--json',
      'given.json',
    ],
  };
  await run(make, given);
  const rows: Row[] = [];
  for (const command of commands) {
    rows.push(await tryCommand(command, given, join(folder, 'place'), Math.round(asked * command.share)));
    process.stdout.write(`${JSON.stringify(rows.at(-1))}\n`);
  }
  if (!check) writeResult('kills', `npm run bench:kills -- ${asked}`, { asked, rows });
  if (rows.some(({ half, different }) => half > 0 || different.length > 0)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
