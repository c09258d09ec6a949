/**
 * What it costs that a model is first run in a process apart: the seconds of the rehearsal, of which a command waits for all,
 * beside those of the whole command `temper verify` with 20 chips on 1,000 examples, in turns.
 *
 *   npm run build && npm run bench:apart -- --mnist DIR --cifar10 DIR [--rounds 5]
 */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { root, writeResult } from './machine.js';

const { values } = parseArgs({
  options: {
    mnist: { type: 'string' },
    cifar10: { type: 'string' },
    rounds: { type: 'string', default: '5' },
  },
});

const subjects = [
  { model: 'mnist-lenet.onnx', data: `mnist:${values.mnist}`, scaling: 'mnist' },
  { model: 'cifar10-resnet20.onnx', data: `cifar10:${values.cifar10}`, scaling: 'cifar10' },
].filter(({ data }) => !data.endsWith('undefined'));

/** Of one rehearsal in a process of its own, as a command begins it: the process apart is not there yet. */
function rehearsal(path: string, data: string): number {
  const module = (name: string) => JSON.stringify(pathToFileURL(join(root, 'dist', name)).href);
  const code = `
    import { openDataset } from ${module('data/open.js')};
    import { rehearse } from ${module('verify/rehearse.js')};
    const dataset = await openDataset(${JSON.stringify(data)}, { split: 'test' });
    const start = performance.now();
    await rehearse(${JSON.stringify(path)}, { dataset, size: ${statSync(path).size} });
    console.log(performance.now() - start);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', code])) / 1000;
}

function command(path: string, data: string, scaling: string): number {
  const main = join(root, 'dist', 'cli', 'main.js');
  const options = ['--device', 'gaussian:0.1', '--draws', '20', '--limit', '1000', '--quiet'];
  const start = performance.now();
  execFileSync(process.execPath, [main, 'verify', path, '--data', data, '--scaling', scaling, ...options], {
    stdio: 'ignore',
  });
  return (performance.now() - start) / 1000;
}

const median = (samples: number[]) => [...samples].sort((a, b) => a - b)[samples.length >> 1]!;

const measured = subjects.map(({ model, data, scaling }) => {
  const path = join(root, 'models', model);
  const samples = { rehearsal: [] as number[], command: [] as number[] };
  for (let round = 0; round < Number(values.rounds); round++) {
    samples.rehearsal.push(rehearsal(path, data));
    samples.command.push(command(path, data, scaling));
  }
  const share = median(samples.rehearsal) / median(samples.command);
  process.stdout.write(`${model}: ${(100 * share).toFixed(1)} % of the command\n`);
  return { model, share, samples };
});
writeResult('apart', 'npm run bench:apart -- --mnist DIR --cifar10 DIR', {
  loadAverage: loadavg()[1],
  subjects: measured,
});
