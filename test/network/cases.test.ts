/** Small models of one operator each that were once computed wrongly, with onnxruntime's outputs: right on both engines, or refused by name. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCases } from '../conformance/cases.js';
import { checkCase } from '../conformance/check.js';
import { root } from '../structure/sources.js';

const folder = join(root, 'test/network/cases');
/** What may be refused, and in which words. */
const refused: Readonly<Record<string, RegExp>> = {
  Cast_13_9400011: /"to" = 12 is not supported/,
  MaxPool_16_8800173: /pads would be negative/,
  maxpool_dilated_same: /auto_pad SAME_UPPER with dilations \[2,2\]/,
};
/** Of these, only where the program is recorded: what decides is not known there. */
const refusedCompiled: Readonly<Record<string, RegExp>> = {
  RoiAlign_10_10700063: /sampling_ratio 0 takes the number of samples from the regions/,
};

describe('a case that was wrong once', () => {
  it.each(findCases(folder).map((path) => path.slice(folder.length + 1)))('%s', async (name) => {
    const { failures } = await checkCase(join(folder, name));
    const both = refused[name];
    expect(failures.compiled).toEqual(
      both || refusedCompiled[name] ? expect.stringMatching(both ?? refusedCompiled[name]!) : undefined,
    );
    expect(failures.cpu).toEqual(both ? expect.stringMatching(both) : undefined);
  });
});
