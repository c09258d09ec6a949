/** The output channels of parameters, as mapping finds them for the judge: noise is trained against as it is judged. */
import { type Channels, oneChannel } from '../../mapping/channels.js';
import { crossbarTensors } from '../../mapping/crossbar.js';
import type { Model } from '../../onnx/model.js';

/** Of a parameter, by its name. */
export type ChannelsByName = (parameter: string) => Channels;

export function channelsByName(model: Model): ChannelsByName {
  const tensors = new Map(crossbarTensors(model).map((tensor) => [tensor.stored ?? tensor.name, tensor]));
  const known = new Map<string, Channels>();
  return (name) => {
    const found = known.get(name) ?? tensors.get(name)?.channels() ?? oneChannel;
    known.set(name, found);
    return found;
  };
}
