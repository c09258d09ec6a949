/** Where a run is: what training made, what was best, and the checkpoint of both. */
import { TemperError } from '../../errors.js';
import { loadCheckpoint, saveCheckpoint } from '../checkpoint/checkpoint.js';
import { emptyHistory, type History } from '../history/history.js';
import type { Run } from '../run/run.js';
import type { HostTensors } from '../step/host.js';
import { networkValues } from '../step/state.js';

export interface RunProgress {
  /** Steps done. */
  step: number;
  state: HostTensors;
  history: History;
  /** Values of the best epoch, by parameter name; none before one has ended. */
  best: HostTensors;
}

/** From the checkpoint, if there is one; else from the network as it came. */
export async function openProgress(run: Run): Promise<RunProgress> {
  const { options, initialState } = run;
  const { checkpoint, network } = options;
  const best = networkValues(network, initialState);
  const expected = { state: initialState, best, steps: run.totalSteps };
  const tell = (text: string) => run.report({ kind: 'remark', text });
  const saved = checkpoint && (await loadCheckpoint(checkpoint.folder, checkpoint.recipe, expected, tell));
  return saved
    ? { step: saved.step, state: saved.state, history: saved.history, best: saved.best }
    : { step: 0, state: initialState, history: emptyHistory, best: {} };
}

export async function saveProgress(
  { options: { checkpoint } }: Run,
  { step, history, state, best }: RunProgress,
): Promise<void> {
  if (checkpoint)
    await saveCheckpoint(checkpoint.folder, { recipe: checkpoint.recipe, step, history, state, best });
}

/** Throws TemperError('interrupted') if the signal of the run has fired, after writing a checkpoint. */
export async function refuseInterrupted(run: Run, progress: RunProgress): Promise<void> {
  if (!run.options.signal?.aborted) return;
  await saveProgress(run, progress);
  throw new TemperError('interrupted', {
    what: `fine-tuning interrupted after step ${progress.step} of ${run.totalSteps}`,
    ...(run.options.checkpoint && { hint: 'the same command resumes it' }),
  });
}

/** The network as training has it, by parameter name. */
export function valuesOf({ options: { network } }: Run, { state }: RunProgress): HostTensors {
  return networkValues(network, state);
}
