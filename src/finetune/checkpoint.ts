/**
 * A training run on disk: everything needed to continue it bit for bit, in one safetensors file
 * (https://github.com/huggingface/safetensors: header length, JSON header, values), which other software can open too.
 * It is written beside the old one and renamed over it, so a run killed at any moment finds the old or the new one, whole.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { float32 } from '../compile/index.js';
import { TemperError } from '../errors.js';
import type { History } from './history.js';
import { elements, type HostTensors } from './host.js';

export interface Checkpoint {
  /** Hash of everything that decides the run; a checkpoint of another recipe is refused. */
  readonly recipe: string;
  /** Steps done. */
  readonly step: number;
  readonly history: History;
  readonly state: HostTensors;
  /** Trained parameters and statistics of the best epoch so far, by parameter name; empty before the first epoch ends. */
  readonly best: HostTensors;
}

const fileName = 'checkpoint.safetensors';
const version = '1';

interface Entry {
  dtype: 'F32';
  shape: number[];
  data_offsets: [number, number];
}

export async function saveCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const { recipe, step, history, state, best } = checkpoint;
  const tensors = [...Object.entries(prefixed('state/', state)), ...Object.entries(prefixed('best/', best))];
  let end = 0;
  const entries = tensors.map(([name, { dims, data }]): [string, Entry] => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: 'F32', shape: [...dims], data_offsets: [begin, end] }];
  });
  const notes = { version, recipe, step: String(step), history: historyText(history) };
  const text = JSON.stringify({ __metadata__: notes, ...Object.fromEntries(entries) });
  // Padded with blanks, as the format allows, so that the values are aligned.
  const header = Buffer.from(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  await mkdir(folder, { recursive: true });
  const path = join(folder, fileName);
  const file = await open(`${path}.part`, 'w');
  try {
    await file.writeFile(Buffer.concat([length, header]));
    for (const [, { data }] of tensors) {
      await file.writeFile(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}

/**
 * The checkpoint in `folder`, or undefined if there is none. Throws TemperError('io') for a damaged one and for tensors that
 * are not those of the run, ('usage') for one of another recipe.
 * @param run tensors that the run has, of which names and shapes count
 */
export async function loadCheckpoint(
  folder: string,
  recipe: string,
  run: Pick<Checkpoint, 'state' | 'best'>,
): Promise<Checkpoint | undefined> {
  const path = join(folder, fileName);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new TemperError(
      'io',
      { what: `cannot read the checkpoint: ${error.message}`, where: path },
      { cause: error },
    );
  });
  if (!bytes) return undefined;
  const { notes, tensors } = parse(bytes, path);
  if (notes.version !== version || notes.recipe !== recipe) {
    throw new TemperError('usage', {
      what: 'the run folder holds a run with other options, data or model',
      where: path,
      hint: 'use another folder, or delete this one to begin again',
    });
  }
  const state = withPrefix('state/', tensors);
  const best = withPrefix('best/', tensors);
  const differences = [
    ...differencesOf('state/', state, run.state),
    // Before the first epoch has ended there is no best one.
    ...(Object.keys(best).length > 0 ? differencesOf('best/', best, run.best) : []),
  ];
  if (differences.length > 0) {
    const shown = differences.slice(0, 5);
    if (shown.length < differences.length) shown.push(`${differences.length - shown.length} more`);
    throw new TemperError('io', {
      what: `the checkpoint does not hold the tensors of this run: ${shown.join('; ')}`,
      where: path,
      hint: 'delete it to begin again',
    });
  }
  return {
    recipe,
    step: Number(notes.step),
    history: parseHistory(notes.history ?? ''),
    state,
    best,
  };
}

/** JSON, with numbers that it does not know in quotes: a loss under noise may be infinite or NaN. */
function historyText(history: History): string {
  return JSON.stringify(history, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

function parseHistory(text: string): History {
  const notFinite = ['NaN', 'Infinity', '-Infinity'];
  return JSON.parse(text, (_, value) => (notFinite.includes(value) ? Number(value) : value)) as History;
}

/** How tensors differ from those of the run in name or shape. */
function differencesOf(prefix: string, found: HostTensors, run: HostTensors): string[] {
  const names = new Set([...Object.keys(run), ...Object.keys(found)]);
  return [...names].flatMap((name) => {
    const [here, there] = [found[name], run[name]].map((tensor) => tensor && `[${tensor.dims}]`);
    if (here === there) return [];
    if (!here) return [`${prefix}${name} is missing`];
    return [`${prefix}${name} is ${here}, ${there ? `in the run ${there}` : 'which the run does not have'}`];
  });
}

function parse(bytes: Buffer, path: string): { notes: Record<string, string>; tensors: HostTensors } {
  const damaged = (what: string) =>
    new TemperError('io', {
      what: `damaged checkpoint: ${what}`,
      where: path,
      hint: 'delete it to begin again',
    });
  const length = bytes.length < 8 ? Number.POSITIVE_INFINITY : Number(bytes.readBigUInt64LE());
  if (8 + length > bytes.length) throw damaged('it ends within its header');
  let header: Record<string, Entry> & { __metadata__?: Record<string, string> };
  try {
    header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  } catch {
    throw damaged('its header is not JSON');
  }
  const { __metadata__: notes = {}, ...entries } = header;
  const values = bytes.subarray(8 + length);
  const tensors: HostTensors = {};
  for (const [name, { shape, data_offsets }] of Object.entries(entries as Record<string, Entry>)) {
    const [begin, end] = data_offsets;
    if (end > values.length || end - begin !== 4 * elements(shape))
      throw damaged(`tensor ${name} is cut off`);
    const data = new Float32Array(elements(shape));
    new Uint8Array(data.buffer).set(values.subarray(begin, end));
    tensors[name] = float32(shape, data);
  }
  return { notes, tensors };
}

function prefixed(prefix: string, tensors: HostTensors): HostTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
}

function withPrefix(prefix: string, tensors: HostTensors): HostTensors {
  const found = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
