/** onnxruntime's profile: one event per operator run, in the Chrome trace format. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TemperError } from '../errors.js';

export interface ProfileEvent {
  /** Node name and phase, e.g. `conv1_kernel_time`. */
  readonly name: string;
  /** Session (loading, whole runs) or Node (operators). */
  readonly category: string;
  /** The operator, for kernel events. */
  readonly operator?: string;
  readonly microseconds: number;
}

/** Reads the newest profile whose file name begins with `prefix` (onnxruntime adds the time). Throws TemperError('io'). */
export async function readProfile(prefix: string): Promise<ProfileEvent[]> {
  const folder = dirname(prefix);
  const files = (await readdir(folder)).filter(
    (name) => name.startsWith(basename(prefix)) && name.endsWith('.json'),
  );
  const newest = files.sort().at(-1);
  if (!newest) throw new TemperError('io', { what: `onnxruntime wrote no profile ${prefix}*.json` });
  const events = JSON.parse(await readFile(join(folder, newest), 'utf8')) as {
    name: string;
    cat: string;
    dur?: number;
    args?: { op_name?: string };
  }[];
  return events.map(({ name, cat, dur = 0, args }) => ({
    name,
    category: cat,
    microseconds: dur,
    ...(args?.op_name !== undefined && { operator: args.op_name }),
  }));
}
