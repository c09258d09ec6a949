/** Every check of the acceptance run: its program, and the files and folders without which it has nothing to judge. */
import { join } from 'node:path';
import { shared, sharedModels } from '../../bench/machine.js';
import { catalogue } from '../../models/catalogue.js';
import { logFile, modelFile } from '../../models/log.js';

export interface Check {
  name: string;
  /** A script that exits with 0 if all is well, and its arguments. */
  script: [file: string, ...args: string[]];
  /** The check is skipped if one of these is absent. */
  needs: string[];
}

/** The part of ONNX's backend suite that lies beside the project. */
const backendCases = join(shared, 'onnx-backend');

/** @param data folder with the unpacked data sets `mnist` and `cifar10`; undefined if there is none. */
export function checksOn(data: string | undefined): Check[] {
  const place = (name: string) => join(data ?? '(TEMPER_DATA is not set)', name);
  const [mnist, cifar10] = [place('mnist'), place('cifar10')];
  const judged = join(sharedModels, 'cifar10', 'amandashi_resnet20.onnx');
  return [
    {
      name: 'nothing is lost between import and export',
      script: ['bench/nothingLost.ts', '--check', ...(data === undefined ? [] : [cifar10])],
      needs: [sharedModels, ...(data === undefined ? [] : [cifar10])],
    },
    {
      name: 'the judge agrees with independent measurements, and a written chip scores as its draw',
      script: ['bench/judge.ts', cifar10, '--check'],
      needs: [judged, cifar10],
    },
    ...Object.keys(catalogue).flatMap((name) => modelChecks(name, place)),
    {
      name: 'hardening helps on the same chips',
      script: ['test/acceptance/harden.ts', `mnist:${mnist}`],
      needs: [mnist],
    },
    {
      name: "98 % of ONNX's conformance cases in scope pass, compiled and on tfjs",
      script: ['test/conformance/run.ts', backendCases],
      needs: [backendCases],
    },
    {
      name: "97 % of tfjs-core's operator tests pass on the recorded kernels",
      script: ['test/conformance/tfjs/run.ts'],
      needs: [],
    },
    {
      name: 'fuzz: damaged files are refused soon and in little memory',
      script: ['test/fuzz/run.ts', '--files', '1500'],
      needs: [],
    },
    {
      name: 'a model of 100 MB is imported in 2 s and three times its size',
      script: ['bench/importCost.ts', '--repeats', '3', '--check'],
      needs: [],
    },
    {
      name: 'a killed run ends as one left alone',
      script: ['bench/resume.ts', '2', '--check'],
      needs: [],
    },
  ];
}

const spiking = ['mnist-lenet', 'cifar10-vgg5'];

function modelChecks(name: string, place: (dataset: string) => string): Check[] {
  const dataset = name.split('-')[0]!;
  const spec = `${dataset}:${place(dataset)}`;
  const needs = [modelFile(name), place(dataset)];
  const checks: Check[] = [
    {
      name: `${name} scores what its log says and what was asked`,
      script: ['test/acceptance/score.ts', name, spec],
      needs: [...needs, logFile(name)],
    },
    {
      name: `${name} as INT8 is as accurate as in float`,
      script: ['bench/exports.ts', spec, modelFile(name), '--check'],
      needs,
    },
  ];
  if (!spiking.includes(name)) return checks;
  const options = ['--limit', '1000', '--check'];
  return [
    ...checks,
    {
      name: `${name} as a spiking network is as accurate as before`,
      script: ['bench/snn.ts', spec, modelFile(name), ...options],
      needs,
    },
  ];
}
