/**
 * Where the time of a training step goes, by operator, and the peak memory of the process.
 *
 *   npm run bench:profile                     every network, each in a process of its own; writes the result
 *   npm run bench:profile -- NAME [--layout plain] [--nodes 40]      one, printed: mlp, vgg5-slim, resnet20
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { blockSize } from '../src/compile/blocked/probe.js';
import { loopModel, names } from '../src/compile/loop.js';
import { chunkSteps } from '../src/finetune/course/chunk.js';
import { encodeModel } from '../src/onnx/codec.js';
import { int64 } from '../src/runtime/host.js';
import { openSession } from '../src/runtime/session.js';
import { writeResult } from './machine.js';
import { subjects } from './speed/subjects.js';
import { feedsOf, trainStepOf } from './speed/temperStep.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    layout: { type: 'string', default: 'blocked' },
    threads: { type: 'string', default: '2' },
    nodes: { type: 'string' },
    /** Where to write the figures of one network. */
    out: { type: 'string' },
  },
});
if (positionals[0] === undefined) {
  profileAll();
  process.exit();
}
const subject = subjects.find(({ name }) => name === positionals[0])!;
const step = trainStepOf(subject);
const steps = chunkSteps(step.specs);
const folder = mkdtempSync(join(tmpdir(), 'temper-profile-'));
const block = values.layout === 'blocked' ? await blockSize() : undefined;
const model = loopModel(step.step, step.specs, block);
const session = await openSession(encodeModel(model), {
  threads: Number(values.threads),
  profile: join(folder, 'p'),
});
const feeds = {
  [names.steps]: int64([], [steps]),
  ...Object.fromEntries(Object.entries(step.initialState).map(([name, value]) => [names.state(name), value])),
  ...Object.fromEntries(
    Object.entries(feedsOf(step, steps)).map(([name, value]) => [names.batch(name), value]),
  ),
};
for (let run = 0; run < 3; run++) await session.run(feeds);
const events = await session.endProfiling();
await session.release();
rmSync(folder, { recursive: true });

const spent = new Map<string, { milliseconds: number; calls: number }>();
for (const { operator, name, microseconds } of events) {
  if (operator === undefined || !name.endsWith('_kernel_time') || operator === 'Loop') continue;
  const key = values.nodes ? `${operator} ${name}` : operator;
  const sum = spent.get(key) ?? { milliseconds: 0, calls: 0 };
  sum.milliseconds += microseconds / 1000 / (3 * steps);
  sum.calls += 1 / (3 * steps);
  spent.set(key, sum);
}
const byTime = [...spent].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
const total = byTime.reduce((sum, [, { milliseconds }]) => sum + milliseconds, 0);
process.stdout.write(`${subject.name} (${values.layout}): ${total.toFixed(1)} ms in operators\n`);
for (const [operator, { milliseconds, calls }] of byTime.slice(0, Number(values.nodes ?? 25))) {
  process.stdout.write(
    `  ${milliseconds.toFixed(2).padStart(8)} ms ${calls.toFixed(0).padStart(5)} x ${operator}\n`,
  );
}
const peakMemoryMiB = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`  peak memory of the process ${peakMemoryMiB} MiB\n`);
const figures = {
  batch: subject.batch,
  milliseconds: total,
  peakMemoryMiB,
  operators: Object.fromEntries(byTime),
};
if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(figures));

/** Peak memory is that of a whole process. */
function profileAll(): void {
  const out = mkdtempSync(join(tmpdir(), 'temper-profile-'));
  const measured = subjects.map(({ name }) => {
    const file = join(out, `${name}.json`);
    const args = [...process.execArgv, process.argv[1]!, name, '--out', file, '--threads', values.threads!];
    execFileSync(process.execPath, args, { stdio: 'inherit' });
    return [name, JSON.parse(readFileSync(file, 'utf8'))];
  });
  rmSync(out, { recursive: true });
  writeResult('profile', 'npm run bench:profile', {
    threads: Number(values.threads),
    loadAverage: loadavg()[1],
    subjects: Object.fromEntries(measured),
  });
}
