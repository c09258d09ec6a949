/** Ways in which a file of a run can be wrong: bytes of any file, and the content of those that decide what follows. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Moment } from './snapshots.js';

export interface Kind {
  moment: Moment;
  /** In the folder. */
  file: string;
  damage: string;
  /** @param older folder of the same run at an earlier moment */
  apply(folder: string, older: string): void;
}

type Damage = readonly [string, (path: string, older: string) => void];

const edit = (change: (bytes: Buffer) => void) => (path: string) => {
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
};
const flip = (share: number) =>
  edit((bytes) => {
    const at = Math.min(bytes.length - 1, Math.floor(share * bytes.length));
    bytes[at]! ^= 1;
  });

const anyFile: readonly Damage[] = [
  ['one bit of the first byte turned', flip(0)],
  ['one bit a third of the way turned', flip(1 / 3)],
  ['one bit two thirds of the way turned', flip(2 / 3)],
  ['one bit of the last byte turned', flip(1)],
  ['cut off in the middle', (path) => truncateSync(path, readFileSync(path).length >> 1)],
  ['emptied', (path) => truncateSync(path, 0)],
  ['a byte appended', (path) => appendFileSync(path, 'x')],
  ['64 bytes zeroed', edit((bytes) => void bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 64))],
  ['missing', (path) => rmSync(path)],
  [
    'a folder in its place',
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
  ],
];
/** For files whose content nobody reads before it is made again. */
const few = anyFile.filter(([name]) => /third|middle|missing/.test(name));

const older: Damage = ['as it was after the first epoch', (path, from) => copyFileSync(from, path)];

/** A safetensors file with another header, or other values; its digest left as it is, or made to fit. */
function checkpoint(
  change: (header: any, values: Buffer) => Buffer | undefined,
  { fitting }: { fitting: boolean },
) {
  return (path: string) => {
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
    const values = change(header, bytes.subarray(8 + length, -32)) ?? bytes.subarray(8 + length, -32);
    const text = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    const body = Buffer.concat([size, text, values]);
    const digest = fitting ? createHash('sha256').update(body).digest() : bytes.subarray(-32);
    writeFileSync(path, Buffer.concat([body, digest]));
  };
}

type Change = readonly [string, (header: any, values: Buffer) => Buffer | undefined];
const noted = (name: string, value: string): Change => [
  `${name} ${value.slice(0, 24)}`,
  ({ __metadata__: notes }) => {
    notes[name] = value;
    return undefined;
  },
];
const entryOf = (header: any, part: string) =>
  header[Object.keys(header).find((name) => name.startsWith(part))!];
const history = (told: string, change: (content: any) => void): Change => [
  told,
  ({ __metadata__: notes }) => {
    const content = JSON.parse(notes.history);
    change(content);
    notes.history = JSON.stringify(content);
    return undefined;
  },
];
const headers: readonly Change[] = [
  ...['1', 'NaN', '-5', '1e9', '1000000', ''].map((step) => noted('step', step)),
  noted('history', '{}'),
  noted('history', '[]'),
  noted('history', 'null'),
  noted('history', '{"running":{},"records":[]}'),
  noted('recipe', 'another'),
  noted('version', '7'),
  history('no epochs in the history', (content) => content.records.splice(0)),
  history('another best epoch than there are', (content) => Object.assign(content, { best: 9 })),
  history('no choice in the history', (content) => delete content.choice),
  history('a loss in words', (content) => Object.assign(content.records[0].train, { loss: 'low' })),
  [
    'no tensors of the best epoch',
    (header) => {
      for (const name of Object.keys(header)) if (name.startsWith('best/')) delete header[name];
      return undefined;
    },
  ],
  [
    'a tensor less',
    (header) => {
      delete header[Object.keys(header).find((name) => name.startsWith('state/'))!];
      return undefined;
    },
  ],
  ...[
    [-8, 0],
    [0, 1e12],
    [4, 2],
    [0.5, 1.5],
  ].map(
    (offsets): Change => [
      `offsets ${offsets.join(' to ')}`,
      (header) => {
        entryOf(header, 'state/').data_offsets = offsets;
        return undefined;
      },
    ],
  ),
  [
    'a shape of 2^40',
    (header) => {
      entryOf(header, 'state/').shape = [2 ** 40];
      return undefined;
    },
  ],
  [
    'a type that is none',
    (header) => {
      entryOf(header, 'state/').dtype = 'F33';
      return undefined;
    },
  ],
];
/** That whole bytes cannot say: what is wrong shows in the content alone. */
const told = headers.filter(([name]) => !/^step (1|)$/.test(name));
const otherValues: Change = [
  'the values of another epoch',
  (_, values) => Buffer.from(values.map((byte, i) => (i % 4 === 0 ? byte ^ 3 : byte))),
];

const jsonEdits: Record<string, readonly (readonly [string, RegExp, string])[]> = {
  'recipe.json': [
    ['an option changed', /"epochs": 4/, '"epochs": 5'],
    ['a setting changed', /"ramp": [\d.]+/, '"ramp": 0.9'],
    ['the path of the model changed', /model\.onnx/, 'mode1.onnx'],
    ['a version changed', /"node": "/, '"node": "1'],
    ['the hash of the data changed', /("data": \[\s*\{[^}]*"sha256": ")./, '$1e'],
    ['an entry more', /\{/, '{ "later": 1,'],
    ['its own digest taken away', /,\s*"sha256": "\w+"\s*\}\s*$/, '}'],
  ],
  'stages.json': [
    ['a note changed', /("notes": \[\s*")./, '$1@'],
    ['a hash changed', /("checkpoint\/before.json": ")./, '$1g'],
    ['another run', /("run": ").{8}/, '$100000000'],
    ['no stages', /"stages": \{[^]*\n {2}\},/, '"stages": {},'],
    ['no object', /^[^]*$/, '[]'],
  ],
};

const lines = (change: (lines: string[]) => string[]) => (path: string) => {
  const all = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  writeFileSync(
    path,
    change(all)
      .map((line) => `${line}\n`)
      .join(''),
  );
};
const metrics: readonly Damage[] = [
  ['a number changed', lines((all) => all.with(2, all[2]!.replace(/"loss":\d/, '"loss":7')))],
  ['a line less', lines((all) => all.toSpliced(2, 1))],
  ['a line twice', lines((all) => all.toSpliced(2, 0, all[2]!))],
  ['two lines exchanged', lines((all) => all.with(2, all[3]!).with(3, all[2]!))],
  ['the last two lines less', lines((all) => all.slice(0, -2))],
  ['only the first line', lines((all) => all.slice(0, 1))],
  ['half a line at the end', (path) => appendFileSync(path, '{"kind":"steps","st')],
  ['lines of no JSON', lines((all) => all.map(() => 'loss'))],
];

function kindsOf(moment: Moment, file: string, damages: readonly Damage[], from = file): Kind[] {
  return damages.map(([damage, apply]) => ({
    ...{ moment, file, damage },
    apply: (folder, olderFolder) => apply(join(folder, file), join(olderFolder, from)),
  }));
}

const edits = (file: string): Damage[] =>
  jsonEdits[file]!.map(([name, from, to]) => [
    name,
    (path) => {
      const text = readFileSync(path, 'utf8');
      const changed = text.replace(from, to);
      if (changed === text) throw new Error(`${file}: "${name}" finds nothing to change`);
      writeFileSync(path, changed);
    },
  ]);

const saved = 'checkpoint/checkpoint.safetensors';
const before = 'checkpoint/previous.safetensors';

/** Both checkpoints: there is none to fall back to. */
const both = (moment: Moment, folder: string): Kind[] =>
  anyFile
    .filter(([name]) => /third|cut|emptied/.test(name))
    .map(([damage, apply]) => ({
      moment,
      file: `${folder}checkpoint.safetensors and previous.safetensors`,
      damage,
      apply: (place, olderFolder) => {
        for (const name of ['checkpoint', 'previous'])
          apply(join(place, `${folder}${name}.safetensors`), olderFolder);
      },
    }));

/** A whole checkpoint of another training under the name of this one's, and no other beside it. */
const exchanged: Kind = {
  moment: 'rival',
  file: 'checkpoint/plain/checkpoint.safetensors',
  damage: 'that of the training with noise',
  apply(folder) {
    copyFileSync(join(folder, saved), join(folder, 'checkpoint/plain/checkpoint.safetensors'));
    rmSync(join(folder, 'checkpoint/plain/previous.safetensors'));
  },
};

const alone = (kinds: Kind[]): Kind[] =>
  kinds.map((kind) => ({
    ...kind,
    file: `${kind.file}, the only one`,
    apply(folder, olderFolder) {
      const other = join(folder, before);
      if (existsSync(other)) rmSync(other);
      kind.apply(folder, olderFolder);
    },
  }));

const asDamage = (changes: readonly Change[], fitting: boolean): Damage[] =>
  changes.map(([name, change]) => [
    `${name}${fitting ? ', digest made to fit' : ''}`,
    checkpoint(change, { fitting }),
  ]);

export const kinds: readonly Kind[] = [
  ...kindsOf('training', saved, [...anyFile, older]),
  ...alone(kindsOf('training', saved, asDamage([...headers, otherValues], false))),
  ...alone(kindsOf('training', saved, asDamage(told, true))),
  ...both('training', 'checkpoint/'),
  ...kindsOf('training', before, few),
  ...kindsOf('training', 'recipe.json', [...anyFile, ...edits('recipe.json')]),
  ...kindsOf('training', 'stages.json', [...anyFile, older, ...edits('stages.json')]),
  ...kindsOf('training', 'metrics.jsonl', [...anyFile, older, ...metrics]),
  ...kindsOf('training', 'checkpoint/before.json', anyFile),
  ...kindsOf('rival', 'checkpoint/plain/checkpoint.safetensors', few),
  ...both('rival', 'checkpoint/plain/'),
  exchanged,
  ...kindsOf('rival', 'rivals/plain.jsonl', [...few, ...metrics.slice(0, 3)]),
  ...kindsOf('rival', 'checkpoint/clipped.onnx', few),
  ...kindsOf('finetune', 'checkpoint.safetensors', anyFile),
  ...both('finetune', ''),
  ...kindsOf('finished', 'metrics.jsonl', [...few, ...metrics]),
  ...kindsOf('finished', 'stages.json', [...few, ...edits('stages.json').slice(0, 3)]),
  ...kindsOf('finished', 'recipe.json', few),
  ...[
    ...['finetuned.onnx', 'hardened.onnx', 'crossbar.json', 'report.json', 'report.html'],
    ...['checkpoint/after.json', 'checkpoint/plain.onnx', 'checkpoint/after.equal.json'],
    ...['rivals/clipped.onnx', 'rivals/plain.onnx', 'rivals/plain.jsonl', saved],
  ].flatMap((file) => kindsOf('finished', file, few)),
];
