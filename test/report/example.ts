/** A report as `temper harden` writes it, with numbers like those of a ResNet-20 on CIFAR-10; draws from a fixed stream. */
import { randomStream } from '../../src/random/stream.js';
import type { Report, ReportRun, ReportStatistics } from '../../src/report/report.js';

const chips = 50;
const hash = (digit: string) => digit.repeat(64);

function measured(values: number[], clean: number): ReportStatistics {
  const sorted = [...values].sort((a, b) => a - b);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  const half = (2.01 * std) / Math.sqrt(values.length);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return {
    clean,
    mean,
    std,
    min: sorted[0]!,
    max: sorted.at(-1)!,
    p05: at(0.05),
    p50: at(0.5),
    p95: at(0.95),
    standardError: half / 1.96,
    ci95: [mean - half, mean + half],
    tolerance: { share: 0.05 ** (1 / values.length), confidence: 0.95, value: sorted[0]!, rank: 1 },
  };
}

/** Accuracies around `mean` with standard deviation `std` over chips. */
export function run(model: string, sigma: number, clean: number, mean: number, std: number): ReportRun {
  const normals = randomStream('example', model, sigma).normals(chips);
  const values = Array.from(normals, (z) => Math.round(1e4 * Math.min(clean + 0.002, mean + std * z)) / 1e4);
  const layer = (tensor: string, dims: number[], absoluteMaximum: number) => ({
    tensor,
    opType: dims.length === 4 ? 'Conv' : 'Gemm',
    dims,
    absoluteMaximum,
    std: sigma * absoluteMaximum,
    effectiveSigma: sigma,
  });
  return {
    model,
    device: `gaussian:${sigma}`,
    time: null,
    accuracy: measured(values, clean),
    draws: values.map((accuracy, chip) => ({ chip, accuracy })),
    layers: [
      layer('conv1.weight', [16, 3, 3, 3], 0.842),
      layer('layer1.0.conv1.weight', [16, 16, 3, 3], 0.4127),
      layer('fc.weight', [10, 64], 1.31),
    ],
    summary:
      'additive Gaussian noise on each weight, by default relative to the largest weight of the tensor',
    formula: "w' = w + sigma max|w| n,  n ~ N(0, 1)",
    citation: 'Joshi et al., Nature Communications 11, 2473 (2020)',
    notModelled: ['conductance pairs', 'drift, read noise, stuck cells'],
  };
}

export function example(): Report {
  return {
    schema: 1,
    model: { path: 'out/hardened.onnx', sha256: hash('b') },
    models: {
      before: { path: 'models/resnet20.onnx', sha256: hash('a'), bytes: 1_102_345 },
      after: { path: 'out/hardened.onnx', sha256: hash('b'), bytes: 1_102_345 },
    },
    data: {
      spec: 'cifar10:data/cifar10:test',
      split: 'test',
      count: 10_000,
      mean: [0.4914, 0.4822, 0.4465],
      std: [0.247, 0.2435, 0.2616],
      files: [{ path: 'data/cifar10/test_batch.bin', sha256: hash('c') }],
    },
    seed: 1,
    chips,
    numerics: 'exact',
    trainedFor: 'gaussian:0.1',
    runs: [
      run('before', 0.05, 0.9172, 0.816, 0.032),
      run('before', 0.1, 0.9172, 0.296, 0.084),
      run('before', 0.15, 0.9172, 0.141, 0.035),
      run('after', 0.05, 0.9124, 0.905, 0.002),
      run('after', 0.1, 0.9124, 0.883, 0.006),
      run('after', 0.15, 0.9124, 0.827, 0.018),
    ],
    command:
      'temper harden models/resnet20.onnx --data cifar10:data/cifar10 --device gaussian:0.1 --epochs 8 --seed 1 --out out',
    settings: { method: 'wvat', epochs: 8, learningRate: 0.05, schedule: 'cosine', batch: 128, clip: 2 },
    versions: { temper: '0.1.0', onnxruntime: '1.30.0', node: '20.19.0' },
    files: [{ path: 'out/hardened.onnx', sha256: hash('b'), bytes: 1_102_345 }],
    notes: ['No choice was made on test data.'],
  };
}
