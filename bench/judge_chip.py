"""A written chip scored by plain onnxruntime, one picture at a time, beside the draw of that chip in bench/results/judge.json.

    temper verify MODEL --data cifar10:DIR --device gaussian:0.05 --seed 1 --draws 1 --limit 1 --write-chip 37 chip37.onnx \\
      --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225
    python bench/judge_chip.py chip37.onnx CIFAR10_DIR gaussian:0.05 37
"""
import json
import pathlib
import sys

import onnx
import onnxruntime as ort

from judge_independent import read_pictures

results = pathlib.Path(__file__).parent / "results"


def main(file, data, device, chip):
    onnx.checker.check_model(file, full_check=True)
    session = ort.InferenceSession(file)
    name = session.get_inputs()[0].name
    x, labels = read_pictures(data, 1000)
    rows = (session.run(None, {name: x[i : i + 1]})[0][0] for i in range(len(x)))
    plain = sum(int(row.argmax() == label) for row, label in zip(rows, labels)) / len(x)
    runs = {run["device"]: run for run in json.loads((results / "judge.json").read_text())["runs"]}
    drawn = runs[device]["accuracies"][int(chip)]
    out = results / "judge_chip.json"
    known = json.loads(out.read_text()) if out.exists() else {}
    known[f"{device} chip {chip}"] = {"plainOnnxruntime": plain, "draw": drawn, "equal": plain == drawn}
    out.write_text(json.dumps(known, indent=1) + "\n")
    print(f"{device} chip {chip}: plain onnxruntime {plain}, draw {drawn}")


main(*sys.argv[1:])
