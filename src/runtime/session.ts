/**
 * onnxruntime-node, wrapped, with its silent traps made loud: it ignores feeds it does not know, and by default it may
 * compute quantized layers with 8-bit activations. The only file that imports it.
 */
// First: onnxruntime looks at it when it is loaded.
import './telemetry.js';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { type Problem, TemperError } from '../errors.js';
import { type Doing, noted } from './book.js';
import { checkHostTensor, type ElementType, type HostTensor, isElementType } from './host.js';
import { type ProfileEvent, readProfile } from './profile.js';

export type { ElementType, HostTensor } from './host.js';

// Read once, when the first session is made; the default prints warnings about absent GPUs. Errors are thrown, with their
// words: printed too, they would appear where a trial fails that was made to see whether it does.
env.logLevel = 'fatal';

/**
 * Threads inside an operator where nobody says how many. The number decides how sums are split, and with it their last bits:
 * it is the same on every machine, whatever its cores (docs/decisions/0019-same-bytes.md).
 */
export const usualThreads = 4;

export interface SessionOptions {
  /** Threads inside an operator; default: `usualThreads`. They change the last bits of results. */
  threads?: number;
  /**
   * exact (default): what the file says. deploy: onnxruntime's own defaults, which fuse DequantizeLinear with MatMul and
   * Gemm and then round activations to 8 bits.
   */
  numerics?: 'exact' | 'deploy';
  /** Graph optimization; default all. */
  optimization?: 'all' | 'extended' | 'basic' | 'disabled';
  /** Least memory: no arena, no copies of weights packed for speed. For sessions that are not run. */
  frugal?: boolean;
  /** Memory that was used once is kept for the next run, rounded up generously; default. Not for tensors that weigh. */
  arena?: boolean;
  /** Measures every operator; the trace is written to a file whose name begins so, see `Session.endProfiling`. */
  profile?: string;
}

export interface ValueMetadata {
  readonly name: string;
  readonly type: ElementType;
  /** A string is a symbolic dimension ('' if it has no name). */
  readonly shape: readonly (number | string)[];
}

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Type and shape of the inputs that are dense tensors of a type we can feed. */
  readonly inputs: readonly ValueMetadata[];
  readonly outputs: readonly ValueMetadata[];
  /**
   * Runs the model. Every input must be fed and nothing else; `fetches` (default: all outputs) are computed.
   * Blocks the event loop meanwhile. Throws TemperError('usage') for wrong feeds, TemperError('model') if the run fails.
   * @param doing what for, should it take too long (book.ts)
   */
  run(
    feeds: Readonly<Record<string, HostTensor>>,
    fetches?: readonly string[],
    doing?: Doing,
  ): Promise<Record<string, HostTensor>>;
  /** Ends profiling and reads the trace. */
  endProfiling(): Promise<ProfileEvent[]>;
  /** Frees the native memory; the session cannot be used afterwards. Doing it twice is harmless. */
  release(): Promise<void>;
}

/**
 * onnxruntime's own session settings. Threads that wait spin for a moment, for the next operator of a training step is tens of
 * microseconds away, and then sleep: on a shared machine a thread that spins takes the core from the one it waits for
 * (docs/decisions/0007-filter-gradients.md).
 */
function sessionEntries(numerics: 'exact' | 'deploy'): object {
  return {
    intra_op: { allow_spinning: '1', spin_duration_us: '50' },
    ...(numerics === 'exact' && { disable_quant_qdq: '1' }),
  };
}

/** Loads a model from its bytes or from a file (then with its external data). Throws TemperError('model') if it cannot. */
export async function openSession(
  model: Uint8Array | string,
  options: SessionOptions = {},
): Promise<Session> {
  const {
    threads = usualThreads,
    numerics = 'exact',
    optimization = 'all',
    frugal = false,
    arena = !frugal,
    profile,
  } = options;
  if (!(Number.isSafeInteger(threads) && threads > 0)) {
    throw new TemperError('usage', { what: `threads must be a positive integer, not ${threads}` });
  }
  const native: InferenceSession.SessionOptions = {
    graphOptimizationLevel: optimization,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    intraOpNumThreads: threads,
    enableCpuMemArena: arena,
    extra: { session: { ...sessionEntries(numerics), ...(frugal && { disable_prepacking: '1' }) } },
    ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
  };
  try {
    const session = await noted({ what: 'opened' }, () =>
      typeof model === 'string'
        ? InferenceSession.create(model, native)
        : InferenceSession.create(model, native),
    );
    refuseLost(session);
    return wrap(session, profile);
  } catch (cause) {
    if (cause instanceof TemperError) throw cause;
    const where = typeof model === 'string' ? { where: model } : {};
    throw new TemperError(
      'model',
      { what: `onnxruntime cannot load the model: ${reason(cause)}`, ...where },
      { cause },
    );
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** onnxruntime-node hands out results in an object with a prototype, which takes the place of a result of this name. */
function refuseLost({ outputNames }: InferenceSession): void {
  if (!outputNames.includes('__proto__')) return;
  const what = 'an output cannot have the name "__proto__", which JavaScript gives another meaning';
  throw new TemperError('model', { what, hint: 'rename the output' });
}

function wrap(session: InferenceSession, profile: string | undefined): Session {
  let released = false;
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    inputs: describe(session.inputMetadata),
    outputs: describe(session.outputMetadata),
    async run(feeds, fetches = session.outputNames, doing = { what: 'run' }) {
      if (released) throw new TemperError('usage', { what: 'the session was released' });
      checkNames(session, feeds, fetches);
      checkReadable(session, fetches);
      const tensors = Object.entries(feeds).map(([name, tensor]) => [name, toNative(name, tensor)] as const);
      const results = await noted(doing, () =>
        session.run(Object.fromEntries(tensors), [...fetches]).catch((cause: unknown) => {
          throw new TemperError(
            'model',
            { what: `onnxruntime cannot run the model: ${reason(cause)}` },
            { cause },
          );
        }),
      );
      return Object.fromEntries(fetches.map((name) => [name, fromNative(name, results[name] as Tensor)]));
    },
    async endProfiling() {
      if (profile === undefined)
        throw new TemperError('usage', { what: 'the session was opened without `profile`' });
      session.endProfiling();
      return readProfile(profile);
    },
    async release() {
      if (!released) await session.release();
      released = true;
    },
  };
}

function describe(values: InferenceSession['inputMetadata']): ValueMetadata[] {
  return values.flatMap((value) =>
    value.isTensor && isElementType(value.type)
      ? [{ name: value.name, type: value.type, shape: [...value.shape] }]
      : [],
  );
}

function checkNames(session: InferenceSession, feeds: object, fetches: readonly string[]): void {
  const inputs = new Set(session.inputNames);
  const outputs = new Set(session.outputNames);
  const problems: Problem[] = [
    ...Object.keys(feeds).flatMap((name) =>
      inputs.has(name) ? [] : [`"${name}" is not an input of the model`],
    ),
    ...session.inputNames.flatMap((name) =>
      Object.hasOwn(feeds, name) ? [] : [`input "${name}" is not fed`],
    ),
    ...fetches.flatMap((name) => (outputs.has(name) ? [] : [`"${name}" is not an output of the model`])),
  ].map((what) => ({ what }));
  if (problems.length === 0) return;
  problems[0]!.hint = `inputs: ${[...inputs].join(', ')}; outputs: ${[...outputs].join(', ')}`;
  throw new TemperError('usage', problems);
}

/** onnxruntime-node ends the whole process when it is to hand out a tensor of a packed type (int4, uint4). */
function checkReadable({ outputMetadata }: InferenceSession, fetches: readonly string[]): void {
  const problems = outputMetadata.flatMap((value) =>
    fetches.includes(value.name) && value.isTensor && !isElementType(value.type)
      ? [{ what: `output "${value.name}" has the type ${value.type}, which cannot be read` }]
      : [],
  );
  if (problems.length > 0) throw new TemperError('model', problems);
}

/** Newer versions of Node have Float16Array, and onnxruntime-node then wants it. */
const Float16 = (
  globalThis as { Float16Array?: new (buffer: ArrayBufferLike, offset: number, length: number) => never }
).Float16Array;

function toNative(name: string, tensor: HostTensor): Tensor {
  checkHostTensor(name, tensor);
  const { type, dims, data } = tensor;
  if (type === 'float16' && Float16)
    return new Tensor(type, new Float16(data.buffer, data.byteOffset, data.length), dims);
  return new Tensor(type, data as Tensor.DataType, dims);
}

function fromNative(name: string, { type, dims, data }: Tensor): HostTensor {
  if (!isElementType(type)) {
    throw new TemperError('model', { what: `output "${name}" has the type ${type}, which cannot be read` });
  }
  if (type !== 'float16') return { type, dims, data } as HostTensor;
  const { buffer, byteOffset, length } = data as Uint16Array;
  return { type, dims, data: new Uint16Array(buffer, byteOffset, length) };
}
