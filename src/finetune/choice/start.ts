/** Where training starts once a clip is chosen: weights limited to their bounds, everything else as it came. */
import { float32, type HostTensor } from '../../compile/index.js';
import type { Run } from '../run/run.js';
import { boundsOf, type Clip, clippedValues } from '../step/clips.js';
import type { HostTensors } from '../step/host.js';
import { networkValues } from '../step/state.js';
import { flatState, groupedState, named, tensorOf } from '../step/stepState.js';

export function clippedState({ initialState, clipped, feeds }: Run, clip: Clip): HostTensors {
  const { axes, optimizer } = feeds.stepOptions;
  const state = groupedState(initialState, optimizer.slots);
  const bounds = named(clipped.map((parameter) => [parameter.name, boundsOf(parameter, axes, clip)]));
  const limited = clipped.map((parameter): [string, HostTensor] => {
    const values = clippedValues(parameter, axes, tensorOf(bounds, parameter.name));
    return [parameter.name, float32(parameter.shape, values)];
  });
  return flatState({ ...state, bounds, parameters: { ...state.parameters, ...named(limited) } });
}

/** The same as values of the network, by parameter name. */
export function clippedNetwork(run: Run, clip: Clip): HostTensors {
  return networkValues(run.options.network, clippedState(run, clip));
}
