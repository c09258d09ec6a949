/** What fine-tuning gives back: the best candidate in the source graph, and what is said of it. */
import type { Model } from '../../onnx/model.js';
import { resultValues } from '../choice/result.js';
import { clippedNetwork } from '../choice/start.js';
import { type History, originOf } from '../history/history.js';
import type { FinetuneResult, Run } from '../run/run.js';
import type { HostTensors } from '../step/host.js';
import { clipNotes, fewNotes } from './choiceNotes.js';
import { inGraph } from './inGraph.js';
import { resultNotes } from './resultNotes.js';

/** @param best values of the best epoch, by parameter name */
export function resultOf(run: Run, history: History, best: HostTensors): FinetuneResult {
  const { options, settings, scope, notes } = run;
  const clipped = inGraph(options, clippedNetwork(run, history.choice!.alone));
  const origin = originOf(history);
  const candidates: Record<typeof origin, () => Model> = {
    epoch: () => inGraph(options, best),
    interpolated: () => inGraph(options, resultValues(run, history.decision!.trained!, best)),
    clipped: () => clipped,
    source: () => options.model,
  };
  return {
    model: candidates[origin](),
    origin,
    clipped,
    settings,
    history,
    scope,
    notes: [...notes, ...fewNotes(run), ...clipNotes(run, history, origin), ...resultNotes(history)],
  };
}
