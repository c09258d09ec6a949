/**
 * A CIFAR-10 model scored as anybody would, with nothing of Temper: onnxruntime-node as it comes, the published file read
 * byte by byte, one picture at a time.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const pixels = 32 * 32;
const record = 1 + 3 * pixels;
const mean = [0.485, 0.456, 0.406];
const std = [0.229, 0.224, 0.225];

/** How many of the first `count` test pictures get their class. */
export async function plainScore(file: string, folder: string, count: number): Promise<number> {
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
  const [input, output] = [session.inputNames[0]!, session.outputNames[0]!];
  const published = readFileSync(join(folder, 'test_batch.bin'));
  let correct = 0;
  for (let i = 0; i < count; i++) {
    const [label, ...bytes] = published.subarray(i * record, (i + 1) * record);
    const x = Float32Array.from(bytes, (byte, at) => {
      const channel = Math.floor(at / pixels);
      return (byte / 255 - mean[channel]!) / std[channel]!;
    });
    const results = await session.run({ [input]: new Tensor('float32', x, [1, 3, 32, 32]) });
    const scores = Array.from(results[output]!.data as Float32Array);
    if (scores.indexOf(Math.max(...scores)) === label) correct++;
  }
  await session.release();
  return correct;
}
