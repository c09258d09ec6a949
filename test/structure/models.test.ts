import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../models/catalogue.js';
import { modelFile, readLog, shippedModels, trainedModels } from '../../models/log.js';
import { nets } from '../../models/nets/index.js';

it('every model has a log, and every log its model', () => {
  expect(shippedModels().length).toBeGreaterThan(0);
  expect(shippedModels()).toEqual(trainedModels());
});

it('every net has its line in the catalogue', () => {
  expect(Object.keys(catalogue).sort()).toEqual(Object.keys(nets).sort());
});

describe.each(shippedModels())('models/%s.onnx', (name) => {
  const bytes = readFileSync(modelFile(name));
  // Read by each test: a log that is missing fails here and lets the others speak.
  const log = () => readLog(name);

  it('is the file that its log tells of', () => {
    expect(log().name).toBe(name);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(log().sha256);
    expect(bytes.length).toBe(log().bytes);
  });

  it('is below 6 MB', () => {
    expect(bytes.length).toBeLessThan(6e6);
  });

  it('is as accurate as was asked', () => {
    expect(log().testAccuracy).toBeGreaterThanOrEqual(catalogue[name]!.floor);
  });
});
