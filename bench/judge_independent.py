"""The verdict on a model, measured without Temper: numpy's noise, Python's onnxruntime, own reading of the data, own score.

Every Conv and Gemm weight becomes an input of the graph (Temper bakes a file per chip instead), gets sigma x max|w| x N(0, 1)
added, and the first pictures of the CIFAR-10 test set are scored. Compare with bench/results/judge.json.

    python bench/judge_independent.py MODEL CIFAR10_DIR --sigma 0.05 0.1 --chips 100 --limit 1000
"""
import argparse
import json
import pathlib

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper


def read_pictures(folder, count):
    rows = np.fromfile(pathlib.Path(folder) / "test_batch.bin", dtype=np.uint8).reshape(-1, 3073)[:count]
    mean = np.array([0.485, 0.456, 0.406], np.float32).reshape(1, 3, 1, 1)
    std = np.array([0.229, 0.224, 0.225], np.float32).reshape(1, 3, 1, 1)
    x = (rows[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / 255 - mean) / std
    return x, rows[:, 0]


def with_weight_inputs(path):
    """The model with a free batch dimension, and its Conv and Gemm weights as inputs."""
    model = onnx.load(path)
    graph = model.graph
    names = {node.input[1] for node in graph.node if node.op_type in ("Conv", "Gemm", "MatMul")}
    weights = {t.name: numpy_helper.to_array(t) for t in graph.initializer if t.name in names}
    for tensor in [t for t in graph.initializer if t.name in weights]:
        graph.initializer.remove(tensor)
    listed = {value.name for value in graph.input}
    for name, values in weights.items():
        if name not in listed:
            graph.input.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, values.shape))
    for value in [*graph.input, *graph.output]:
        if value.name not in weights:
            value.type.tensor_type.shape.dim[0].dim_param = "N"
    return model.SerializeToString(), weights


def correct(session, x, labels, weights, batch):
    name = next(value.name for value in session.get_inputs() if value.name not in weights)
    right = 0
    for start in range(0, len(x), batch):
        logits = session.run(None, {name: x[start : start + batch], **weights})[0]
        right += int((logits.argmax(1) == labels[start : start + batch]).sum())
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--sigma", type=float, nargs="+", default=[0.05, 0.1])
    parser.add_argument("--chips", type=int, default=100)
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--out", default="bench/results/judge_independent.json")
    options = parser.parse_args()

    model, weights = with_weight_inputs(options.model)
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    every, labels = read_pictures(options.data, None)
    clean = correct(session, every, labels, weights, 250) / len(every)
    print(f"clean, all {len(every)}: {clean:.4f}", flush=True)
    x, labels = every[: options.limit], labels[: options.limit]
    runs = []
    for sigma in options.sigma:
        random = np.random.default_rng([options.seed, int(sigma * 1e6)])
        accuracies = []
        for chip in range(options.chips):
            chip_weights = {
                name: (w + sigma * np.abs(w).max() * random.standard_normal(w.shape)).astype(np.float32)
                for name, w in weights.items()
            }
            accuracies.append(correct(session, x, labels, chip_weights, 250) / len(x))
        mean, std = float(np.mean(accuracies)), float(np.std(accuracies, ddof=1))
        print(f"sigma {sigma}: mean {mean:.4f}, std over chips {std:.4f}", flush=True)
        runs.append({"sigma": sigma, "mean": mean, "std": std, "accuracies": accuracies})
    result = {
        "command": "python bench/judge_independent.py MODEL CIFAR10_DIR "
        f"--sigma {' '.join(map(str, options.sigma))} --chips {options.chips} --limit {options.limit}",
        "model": pathlib.Path(options.model).name,
        "versions": {"onnxruntime": ort.__version__, "numpy": np.__version__, "onnx": onnx.__version__},
        "clean": clean,
        "pictures": options.limit,
        "chips": options.chips,
        "runs": runs,
    }
    out = pathlib.Path(options.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
