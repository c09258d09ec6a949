/** Whatever names a model has, every command does with it what it does with its twin of plain names, and says it in as many lines. */
import { mkdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { readModel } from '../../src/onnx/file.js';
import { DataType, type Model, type Node } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { randomStream } from '../../src/random/stream.js';
import { type Fixture, fixture, type Outcome, temper } from './fixture.js';
import { build, start } from './process.js';

let files: Fixture;
beforeAll(async () => {
  build();
  files = await fixture(96);
});

/** Everything that can have a name has one of these. */
const names = [
  ...['input', 'convolution', 'conv', 'conv bias', 'hidden', 'normal', 'scale', 'shift', 'mean', 'variance'],
  ...[
    'active',
    'function',
    'argument',
    'result',
    'inner',
    'domain',
    'flat',
    'fc',
    'output',
    'batch',
    'about',
  ],
] as const;
type Namer = (plain: (typeof names)[number]) => string;

const drawn = (name: string, dims: number[], scale: number) =>
  makeTensor(
    name,
    DataType.FLOAT,
    dims,
    randomStream('strange')
      .normals(dims.reduce((a, b) => a * b))
      .map((value) => value * scale),
  );

/** Conv, BatchNormalization, Relu (`calls`: in a function of the model), Flatten, Gemm. `last`: one node more at the end. */
function net(name: Namer, calls: boolean, last?: Node): Model {
  const filled = (wish: Parameters<Namer>[0], value: number) =>
    makeTensor(name(wish), DataType.FLOAT, [4], new Float32Array(4).fill(value));
  const call = {
    ...makeNode(calls ? name('function') : 'Relu', [name('normal')], [name('active')]),
    domain: calls ? name('domain') : '',
  };
  const statistics = (['scale', 'shift', 'mean', 'variance'] as const).map(name);
  const model = makeModel(
    makeGraph({
      name: name('about'),
      nodes: [
        makeNode(
          'Conv',
          [name('input'), name('conv'), name('conv bias')],
          [name('hidden')],
          {},
          {
            name: name('convolution'),
          },
        ),
        makeNode('BatchNormalization', [name('hidden'), ...statistics], [name('normal')]),
        call,
        makeNode('Flatten', [name('active')], [name('flat')]),
        makeNode(
          'Gemm',
          [name('flat'), name('fc')],
          [last ? name('inner') : name('output')],
          { transB: 1 },
          {
            name: name('fc'),
          },
        ),
        ...(last ? [{ ...last, inputs: [name('inner')], outputs: [name('output')] }] : []),
      ],
      initializers: [
        drawn(name('conv'), [4, 2, 3, 3], 0.3),
        filled('conv bias', 0.1),
        filled('scale', 1),
        filled('shift', 0),
        filled('mean', 0),
        filled('variance', 1),
        drawn(name('fc'), [4, 64], 0.2),
      ],
      inputs: [tensorInfo(name('input'), DataType.FLOAT, [name('batch'), 2, 6, 6])],
      outputs: [tensorInfo(name('output'), DataType.FLOAT, [name('batch'), 4])],
    }),
    { metadata: Object.fromEntries([[name('about'), name('about')]]) },
  );
  const standard = model.opsetImport;
  const body = {
    name: name('function'),
    domain: name('domain'),
    inputs: [name('argument')],
    outputs: [name('result')],
    attributes: [],
    attributeDefaults: [],
    nodes: [makeNode('Relu', [name('argument')], [name('result')], {}, { name: name('function') })],
    opsetImport: standard,
  };
  const opsetImport = [...standard, { domain: name('domain'), version: 1 }];
  return { ...model, producerName: name('about'), opsetImport, functions: calls ? [body] : [] };
}

const inherited = Object.getOwnPropertyNames(Object.prototype);
const signs =
  '\u001b]0;PWNED\u0007\u001b[2J\u009b31m\u202e\r\nFine-tuning: supported.\r\nmet: all\u2028wrote x\u0085';

const plain: Namer = (name) => name;
const namings: Record<string, Namer> = {
  'signs that steer a terminal': (name) => `${name}${signs}`,
  'inherited fields of objects': (name) => inherited[names.indexOf(name)] ?? `${inherited.at(-1)}.${name}`,
  '4,000 letters': (name) => name.repeat(4000 / name.length),
};

const training = '--epochs 1 --batch-size 32 --threads 1 --val 0 --learning-rate 0.01'.split(' ');
const judging = ['--draws', '2', '--limit', '16', '--threads', '1'];

/** Every command with the model in the folder, into the same folder. */
function commandLines(folder: string): [line: string, words: string[]][] {
  const at = (file: string) => files.path(`${folder}/${file}`);
  const data = ['--data', files.data, '--scaling', 'asis'];
  const levels = '--draws 2 --limit 16 --levels 1 --clip 0 --bits 8 --rivals none'.split(' ');
  const all: Record<string, string[]> = {
    inspect: [at('model.onnx')],
    'inspect --json': [at('model.onnx'), '--json'],
    verify: [at('model.onnx'), '--against', at('relu.onnx'), ...data, '--html', at('v.html'), ...judging],
    'verify --json': [
      at('model.onnx'),
      ...data,
      '--json',
      '-',
      '--write-chip',
      '1',
      at('chip.onnx'),
      ...judging,
    ],
    finetune: [
      at('model.onnx'),
      ...data,
      '--out',
      at('plain.onnx'),
      '--method',
      'plain',
      '--clip',
      '0',
      ...training,
    ],
    convert: [at('relu.onnx'), ...data, '--out', at('snn.onnx'), '--timesteps', '2', '--calibration', '16'],
    export: [at('model.onnx'), '--bits', '8', '--out', at('codes.onnx')],
    'export --fold': [at('relu.onnx'), '--bits', '4', '--fold-batch-norm', '--out', at('4/folded.onnx')],
    harden: [at('relu.onnx'), ...data, ...training, ...levels, '--out', at('run')],
    report: [at('run/report.json'), '--out', at('page.html'), '--svg', at('curve.svg')],
  };
  return Object.entries(all);
}

/** What every command line says of a model with these names; of its twin that no command takes, if `refused`. */
async function told(folder: string, name: Namer, refused = false): Promise<[line: string, Outcome][]> {
  mkdirSync(files.path(folder), { recursive: true });
  const odd = { ...makeNode(name('function'), [], [], {}, { name: name('inner') }), domain: name('about') };
  for (const [file, calls] of [
    ['model.onnx', true],
    ['relu.onnx', false],
  ] as const)
    await writeModel(files.path(`${folder}/${file}`), net(name, calls, refused ? odd : undefined));
  const outcomes: [string, Outcome][] = [];
  for (const [line, words] of commandLines(folder)) {
    if (refused && !/^(inspect|verify|finetune)$/.test(line)) continue;
    outcomes.push([line, await temper(line.split(' ')[0]!, ...words)]);
  }
  return outcomes;
}

/** All that may not leave but in JSON, where our own line breaks end lines. */
const unseen = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

function expectSameForm(line: string, strange: Outcome, twin: Outcome): void {
  for (const stream of ['out', 'err'] as const) {
    const said = `${line}\n${strange[stream]}`;
    expect(said).not.toMatch(unseen);
    expect(strange[stream].length, line).toBeLessThan(twin[stream].length + 20_000);
    if (/^(finetune|harden)/.test(line)) continue; // noise is drawn by the names of tensors: other notes
    const lines = strange[stream].split('\n').length;
    expect({ said, lines }).toEqual({ said, lines: twin[stream].split('\n').length });
  }
}

let twins: Record<'taken' | 'refused', [line: string, Outcome][]>;
beforeAll(async () => {
  twins = { taken: await told('plain', plain), refused: await told('refused', plain, true) };
  for (const [line, { code, err }] of twins.taken) expect([line, code, err]).toEqual([line, 0, err]);
}, 120_000);

describe.each(Object.entries(namings))('a model with %s as names', (naming, name) => {
  const folder = String(Object.keys(namings).indexOf(naming));

  it.skipIf(naming.includes('letters'))(
    'does as its twin of plain names does',
    async () => {
      for (const [i, [line, strange]] of (await told(folder, name)).entries()) {
        expect([line, strange.code, strange.err]).toEqual([line, 0, strange.err]);
        if (line.includes('--json')) expect(() => JSON.parse(strange.out), line).not.toThrow();
        else expectSameForm(line, strange, twins.taken[i]![1]);
      }
      const bytes = async (twin: string, file: string) =>
        (await readModel(files.path(`${twin}/${file}`))).graph.initializers.map(({ rawData }) =>
          Buffer.from(rawData!).toString('hex'),
        );
      // Noise is drawn by the names of tensors; without noise nothing depends on them.
      for (const file of ['plain.onnx', 'codes.onnx', '4/folded.onnx', 'snn.onnx'])
        expect(await bytes(folder, file), file).toEqual(await bytes('plain', file));
      expect(readFileSync(files.path(`${folder}/run/report.html`), 'utf8')).not.toMatch(unseen);
    },
    120_000,
  );

  it('is refused as its twin is', async () => {
    for (const [i, [line, strange]] of (await told(`${folder}-refused`, name, true)).entries()) {
      expect({ line, code: strange.code }).toEqual({ line, code: twins.refused[i]![1].code });
      expect(strange.out + strange.err).not.toMatch(/^\W*(Fine-tuning: supported|met: |wrote )/m);
      expectSameForm(line, strange, twins.refused[i]![1]);
    }
  }, 120_000);
});

it('leaves a process no other way either', async () => {
  const folder = files.path(`process${signs.replaceAll('/', '')}`);
  mkdirSync(folder);
  const path = `${folder}/model.onnx`;
  await writeModel(path, net(namings['signs that steer a terminal']!, true));
  const endings = await Promise.all([
    start('verify', path, '--data', files.data, ...judging).ended,
    start('inspect', `${path}.missing`).ended,
  ]);
  expect(endings.map(({ code }) => code)).toEqual([0, 4]);
  for (const { out, err } of endings) expect(out + err).not.toMatch(unseen);
}, 60_000);
