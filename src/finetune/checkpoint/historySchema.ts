/**
 * A history as it lies in a checkpoint. What is known is checked; what is not, a field of a later version, is kept as it is. A
 * new field of `History` is a line here.
 */
import { z } from 'zod';
import type { History } from '../history/history.js';

/** A loss under noise may be infinite or NaN, which zod's number is not. */
const real = z.custom<number>((value) => typeof value === 'number', 'is no number');
const count = z.int().min(0);

const measured = z.looseObject({ loss: real, accuracy: real.optional(), top5: real.optional() });
const validation = z.looseObject({ clean: measured, noisy: measured.optional() });
const clip = z.looseObject({ multiple: z.number().min(0), per: z.enum(['tensor', 'channel']) });

const record = z.looseObject({
  epoch: count,
  step: count,
  learningRate: real,
  strength: real,
  train: measured,
  validation: validation.optional(),
});

const trial = z.looseObject({
  clip,
  learningRate: real.optional(),
  validation: validation.optional(),
});

const choice = z.looseObject({
  clip,
  alone: clip,
  learningRate: real,
  steps: count,
  examples: count,
  tried: z.array(trial),
});

const interpolation = z.looseObject({ clip, share: z.number(), validation });

const decision = z
  .looseObject({
    origin: z.enum(['epoch', 'interpolated', 'clipped', 'source']),
    interpolations: z.array(interpolation),
    trained: interpolation.optional(),
    finalists: z.record(z.string(), validation),
  })
  .refine(
    ({ origin, trained }) => origin !== 'interpolated' || trained !== undefined,
    'does not say between what',
  );

const historySchema = z
  .looseObject({
    start: validation.optional(),
    choice: choice.optional(),
    clipped: validation.optional(),
    running: z.record(z.string(), real),
    records: z.array(record),
    best: count.optional(),
    decision: decision.optional(),
  })
  .refine(({ records, best }) => (best === undefined ? records.length === 0 : best < records.length), {
    error: 'no epoch is the best one',
    path: ['best'],
  });

/**
 * JSON, with numbers that it does not know in quotes. Keys are sorted: a run that was killed and resumed leaves the same bytes as
 * one that was left alone.
 */
export function historyText(history: History): string {
  return JSON.stringify(history, (_, value) => {
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

const notFinite = ['NaN', 'Infinity', '-Infinity'];

/** What is wrong with the text, in words, if it is no history. */
export function parseHistory(text: string): History | string {
  let content: unknown;
  try {
    content = JSON.parse(text, (_, value) => (notFinite.includes(value) ? Number(value) : value));
  } catch {
    return 'is no JSON';
  }
  const result = historySchema.safeParse(content);
  if (result.success) return result.data as History;
  const { path, message } = result.error.issues[0]!;
  return `${path.map(String).join('.')}: ${message}`;
}
