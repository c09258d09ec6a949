"""Models as people's exporters write them, with random weights: PyTorch (TorchScript and dynamo, float16, bfloat16, float64, external
data, functions), onnxruntime's quantizers, onnx's version converter, tf2onnx, skl2onnx.

    python bench/exporters.py FOLDER [--only WORD]

Writes FOLDER/NAME.onnx and FOLDER/manifest.json: for each file the numbers that its layers' weights should have, the versions of
the packages, and what an exporter refused itself. Each family needs its packages (torch, torchvision, onnxscript; onnxruntime;
tensorflow, tf2onnx; skl2onnx); those that are missing are left out and named, so two environments can fill one folder.
"""

import argparse
import importlib.metadata
import json
import os
import sys
import traceback
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np
import onnx

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--only", default="", help="models or families whose name contains this")
options = parser.parse_args()
folder = options.folder
os.makedirs(folder, exist_ok=True)
manifest_path = os.path.join(folder, "manifest.json")
manifest = {"versions": {}, "files": {}, "exporterRefused": {}}
if os.path.exists(manifest_path):
    with open(manifest_path) as file:
        manifest = json.load(file)


def write_manifest():
    with open(manifest_path, "w") as file:
        json.dump(manifest, file, indent=1, sort_keys=True)


def attempt(name, exporter, make, **facts):
    """Runs one export; what the exporter itself refuses is noted, not hidden."""
    if options.only not in name and options.only not in exporter:
        return
    path = os.path.join(folder, f"{name}.onnx")
    try:
        make(path)
    except Exception as error:  # an exporter's refusals are of any type
        if os.environ.get("VERBOSE"):
            traceback.print_exc()
        manifest["exporterRefused"][name] = str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
        print("refused by its exporter:", name, manifest["exporterRefused"][name])
    else:
        manifest["exporterRefused"].pop(name, None)
        manifest["files"][name] = {"exporter": exporter, **facts}
    write_manifest()


def versions(*packages):
    for package in packages:
        manifest["versions"][package] = importlib.metadata.version(package)


def torch_family():
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
    import torchvision.models as zoo

    versions("torch", "torchvision", "onnx", "onnxscript")

    class Of(nn.Module):
        """A function of an input and named modules."""

        def __init__(self, run, **modules):
            super().__init__()
            self.run = run
            for name, module in modules.items():
                setattr(self, name, module)

        def forward(self, *inputs):
            return self.run(self, *inputs)

    def picture(*shape):
        return lambda: (torch.randn(*shape),)

    def tokens(*shape):
        return lambda: (torch.randint(1, 4, shape),)

    small_vgg = lambda: zoo.VGG(zoo.vgg.make_layers([16, "M", 32, "M", 64, "M", 64, "M"], batch_norm=True), num_classes=10)

    def vgg():
        model = small_vgg()
        model.avgpool = nn.AdaptiveAvgPool2d(1)
        model.classifier = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 10))
        return model

    def vit():
        return zoo.VisionTransformer(image_size=32, patch_size=8, num_layers=2, num_heads=4, hidden_dim=32, mlp_dim=64, num_classes=10)

    def swin():
        return zoo.SwinTransformer(patch_size=[2, 2], embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=[4, 4], num_classes=10)

    def convnext():
        setting = zoo.convnext.CNBlockConfig
        return zoo.ConvNeXt([setting(16, 32, 1), setting(32, None, 1)], num_classes=10, layer_scale=0.5)

    def head_of(recurrent, width):
        return Of(lambda self, x: self.head(self.rnn(x)[0][:, -1]), rnn=recurrent, head=nn.Linear(width, 5))

    def packed():
        def run(self, x, lengths):
            steps = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            out, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(steps)[0], batch_first=True, total_length=7)
            return self.head(out.mean(1))

        return Of(run, rnn=nn.LSTM(6, 8, batch_first=True), head=nn.Linear(8, 5))

    def states():
        def run(self, x):
            _, (h, c) = self.rnn(x)
            return self.head(torch.cat([h[-1], c[-1]], 1))

        return Of(run, rnn=nn.LSTM(6, 8, num_layers=2, batch_first=True), head=nn.Linear(16, 5))

    def sequence_first():
        return Of(lambda self, x: self.head(self.rnn(x.transpose(0, 1))[0][-1]), rnn=nn.LSTM(6, 8, bidirectional=True), head=nn.Linear(16, 5))

    def encoder(norm_first=False):
        layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True, norm_first=norm_first, activation="gelu")
        return Of(lambda self, x: self.head(self.body(x).mean(1)), body=nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), head=nn.Linear(16, 5))

    def language():
        layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)

        def run(self, x):
            mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
            position = torch.arange(x.shape[1]).unsqueeze(0)
            return self.head(self.body(self.words(x) + self.places(position), mask=mask))

        return Of(run, words=nn.Embedding(10, 16), places=nn.Embedding(12, 16), body=nn.TransformerEncoder(layer, 1, enable_nested_tensor=False), head=nn.Linear(16, 10))

    def unet(up):
        def run(self, x):
            one = F.relu(self.norm1(self.c1(x)))
            two = F.silu(self.norm2(self.c2(F.max_pool2d(one, 2))))
            if up == "transpose":
                high = self.up(two)
            elif up == "shuffle":
                high = F.pixel_shuffle(self.up(two), 2)
            elif up == "size":
                high = F.interpolate(self.up(two), size=one.shape[2:], mode="bilinear", align_corners=False)
            elif up == "corners":
                high = F.interpolate(self.up(two), scale_factor=2, mode="bilinear", align_corners=True)
            elif up == "bicubic":
                high = F.interpolate(self.up(two), scale_factor=2, mode="bicubic", align_corners=False)
            else:
                high = nn.Upsample(scale_factor=2, mode="nearest")(self.up(two))
            return self.out(torch.cat([one, high], 1))

        lift = {"transpose": nn.ConvTranspose2d(16, 8, 3, stride=2, padding=1, output_padding=1), "shuffle": nn.Conv2d(16, 32, 1)}
        return Of(run, c1=nn.Conv2d(3, 8, 3, padding=1), norm1=nn.GroupNorm(2, 8), c2=nn.Conv2d(8, 16, 3, padding=1),
                  norm2=nn.InstanceNorm2d(16, affine=True), up=lift.get(up, nn.Conv2d(16, 8, 1)), out=nn.Conv2d(16, 4, 1))

    def layer_norms():
        def run(self, x):
            y = self.norm(self.conv(x)).permute(0, 2, 3, 1)
            return self.head(self.last(F.gelu(y)).mean((1, 2)))

        return Of(run, conv=nn.Conv2d(3, 8, 3, stride=2, padding=1, padding_mode="reflect"), norm=nn.LayerNorm([8, 8, 8]), last=nn.LayerNorm(8), head=nn.Linear(8, 5))

    def grid_sampled():
        def run(self, x):
            grid = torch.tanh(self.where(x)).permute(0, 2, 3, 1)
            return self.conv(F.grid_sample(x, grid, align_corners=False)).flatten(1)

        return Of(run, where=nn.Conv2d(3, 2, 3, padding=1), conv=nn.Conv2d(3, 2, 3))

    def tensor_work():
        def run(self, x):
            y = torch.einsum("bsd,de->bse", x, self.mix.weight)
            y = y.masked_fill(x > 1, -2.0)
            y = torch.where(y > 0, y * 2, self.side(y))
            z = torch.zeros_like(y).scatter(1, torch.zeros(y.shape[0], 1, y.shape[2], dtype=torch.long), y[:, :1])
            steps = torch.arange(x.shape[1], dtype=x.dtype).view(1, -1, 1) / x.shape[1]
            w = (y + z + steps).reshape(x.shape[0], -1, 4)
            a, b = w.chunk(2, dim=1)
            top = torch.topk(a * b, 3, dim=1).values
            return torch.cat([top.flatten(1), w.cumsum(1)[:, -1], F.normalize(w, dim=2).amax(1), w.std(1)], 1)

        return Of(run, mix=nn.Linear(8, 8, bias=False), side=nn.Linear(8, 8))

    def masked_attention():
        def run(self, x):
            q, k, v = (t.view(x.shape[0], x.shape[1], 4, 4).transpose(1, 2) for t in self.qkv(x).split(16, dim=2))
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            return self.out(y.transpose(1, 2).reshape(x.shape[0], x.shape[1], 16)).mean(1)

        return Of(run, qkv=nn.Linear(16, 48), out=nn.Linear(16, 5))

    def heads():
        return Of(lambda self, x: self.out(self.att(x, x, x, need_weights=False)[0].mean(1)), att=nn.MultiheadAttention(16, 4, batch_first=True), out=nn.Linear(16, 5))

    class Scripted(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(8, 8)
            self.head = nn.Linear(8, 5)
            self.steps = 3

        def forward(self, x):
            for step in range(self.steps):
                x = torch.relu(self.first(x)) + x
            if x.shape[1] > 4:
                x = x * 2
            else:
                x = x - 1
            return self.head(x)

    class DataDependent(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(8, 8)

        def forward(self, x):
            y = self.first(x)
            if bool(y.sum() > 0):
                y = y * 2
            else:
                y = y - 1
            return y

    seq, bert = (4, 7, 16), (4, 7)
    recurrent = picture(4, 7, 6)
    img = picture(2, 3, 32, 32)
    tiny = picture(2, 3, 16, 16)
    large = {
        "resnet18": (lambda: zoo.resnet18(num_classes=10), img),
        "vgg_bn": (vgg, img),
        "mobilenet_v2": (lambda: zoo.mobilenet_v2(num_classes=10, width_mult=0.35), img),
        "mobilenet_v3_small": (lambda: zoo.mobilenet_v3_small(num_classes=10), img),
        "efficientnet_b0": (lambda: zoo.efficientnet_b0(num_classes=10), img),
        "squeezenet1_1": (lambda: zoo.squeezenet1_1(num_classes=10), img),
        "shufflenet_v2_x0_5": (lambda: zoo.shufflenet_v2_x0_5(num_classes=10), img),
        "densenet": (lambda: zoo.DenseNet(8, (2, 3, 3), 16, num_classes=10), img),
        "googlenet": (lambda: zoo.googlenet(num_classes=10, aux_logits=False, init_weights=False), img),
        "convnext": (convnext, img),
        "vit": (vit, img),
        "swin": (swin, img),
    }
    blocks = {
        "lstm": (lambda: head_of(nn.LSTM(6, 8, batch_first=True), 8), recurrent),
        "lstm_bidirectional": (lambda: head_of(nn.LSTM(6, 8, 2, batch_first=True, bidirectional=True), 16), recurrent),
        "lstm_sequence_first": (sequence_first, recurrent),
        "lstm_states": (states, recurrent),
        "lstm_packed": (packed, lambda: (torch.randn(4, 7, 6), torch.tensor([3, 2, 2, 1]))),
        "gru": (lambda: head_of(nn.GRU(6, 8, batch_first=True, bidirectional=True), 16), recurrent),
        "rnn": (lambda: head_of(nn.RNN(6, 8, batch_first=True, nonlinearity="relu"), 8), recurrent),
        "encoder": (encoder, picture(*seq)),
        "encoder_norm_first": (lambda: encoder(True), picture(*seq)),
        "language": (language, tokens(*bert)),
        **{f"unet_{up}": ((lambda up: lambda: unet(up))(up), tiny) for up in ("transpose", "shuffle", "size", "corners", "bicubic", "nearest")},
        "layer_norms": (layer_norms, tiny),
        "grid_sample": (grid_sampled, tiny),
        "tensor_work": (tensor_work, picture(4, 6, 8)),
        "causal_attention": (masked_attention, picture(*seq)),
        "multihead_attention": (heads, picture(*seq)),
    }
    scripted = {"scripted": (Scripted, picture(4, 8)), "scripted_data": (DataDependent, picture(4, 8))}

    def built(make):
        """Weights of the seed, no two of them alike (exporters merge those); statistics that are not those of an untrained layer."""
        torch.manual_seed(0)
        model = make().eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.05 * torch.randn_like(parameter))
            for module in model.modules():
                if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                    module.running_mean.normal_(0, 0.1)
                    module.running_var.uniform_(0.5, 1.5)
                if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm, nn.InstanceNorm2d)) and module.weight is not None:
                    module.weight.uniform_(0.7, 1.3)
                    module.bias.normal_(0, 0.1)
        return model

    def facts(model):
        """Numbers of the weights that a crossbar holds, and of recurrent ones."""
        crossbar, loops = {}, {}
        for module in model.modules():
            if isinstance(module, (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d)):
                crossbar[id(module.weight)] = module.weight.numel()
            if isinstance(module, nn.MultiheadAttention):
                crossbar[id(module.in_proj_weight)] = module.in_proj_weight.numel()
            if isinstance(module, nn.RNNBase):
                for name, weight in module.named_parameters():
                    if "weight" in name:
                        loops[id(weight)] = weight.numel()
        return {"weights": sum(crossbar.values()), "recurrent": sum(loops.values())}

    def export(make, example, convert=None, script=False, dynamic=False, **told):
        model = built(make)
        inputs = example()
        if convert:
            model = convert(model)
            inputs = tuple(x.to(next(model.parameters()).dtype) if x.is_floating_point() else x for x in inputs)
        names = ["x", "lengths"][: len(inputs)]
        if dynamic and told["dynamo"]:
            told["dynamic_shapes"] = (tuple({0: torch.export.Dim("batch")} for _ in inputs),) if isinstance(model, Of) else tuple({0: torch.export.Dim("batch")} for _ in inputs)
        elif dynamic:
            told["dynamic_axes"] = {name: {0: "batch"} for name in [*names, "y"]}
        if script:
            model = torch.jit.script(model)
        return lambda path: torch.onnx.export(model, inputs, path, input_names=names, output_names=["y"], verbose=False, **told)

    def one(name, exporter, make, example, **told):
        def run(path):
            torch.manual_seed(1)
            export(make, example, **told)(path)

        attempt(name, exporter, run, **facts(built(make)))

    for name, (make, example) in {**large, **blocks}.items():
        for opset in (11, 13, 17) if name in blocks else (11, 17):
            one(f"{name}_ts{opset}", "TorchScript", make, example, dynamo=False, opset_version=opset, dynamic=True)
        one(f"{name}_ts17_fixed", "TorchScript", make, example, dynamo=False, opset_version=17)
        one(f"{name}_dynamo", "dynamo", make, example, dynamo=True, dynamic=True, external_data=name in ("swin", "lstm"))
        one(f"{name}_dynamo_plain", "dynamo, not optimized", make, example, dynamo=True, optimize=False, external_data=False)
        if name in blocks:
            one(f"{name}_dynamo_fixed", "dynamo", make, example, dynamo=True, opset_version=20, external_data=False)
    for name, (make, example) in scripted.items():
        for opset in (11, 17):
            one(f"{name}_ts{opset}", "TorchScript", make, example, dynamo=False, opset_version=opset, script=True, dynamic=True)
    for name, kind in {"half": torch.float16, "bfloat16": torch.bfloat16, "double": torch.float64}.items():
        for of in ("vgg_bn", "encoder", "lstm"):
            make, example = {**large, **blocks}[of]
            one(f"{of}_{name}_ts17", "TorchScript", make, example, convert=lambda model, kind=kind: model.to(kind), dynamo=False, opset_version=17, dynamic=True)
            one(f"{of}_{name}_dynamo", "dynamo", make, example, convert=lambda model, kind=kind: model.to(kind), dynamo=True, dynamic=True, external_data=False)


def quantized_family():
    import onnxruntime.quantization as q

    versions("onnxruntime")
    for of in ("vgg_bn", "mobilenet_v2", "encoder", "lstm"):
        source = os.path.join(folder, f"{of}_ts13.onnx" if of in ("encoder", "lstm") else f"{of}_ts17.onnx")
        if not os.path.exists(source):
            continue
        shape = (2, 3, 32, 32) if of in ("vgg_bn", "mobilenet_v2") else (4, 7, 16) if of == "encoder" else (4, 7, 6)

        class Reader(q.CalibrationDataReader):
            def __init__(self):
                random = np.random.default_rng(0)
                self.batches = iter([{"x": random.normal(size=shape).astype(np.float32)} for _ in range(3)])

            def get_next(self):
                return next(self.batches, None)

        for form in ("QDQ", "QOperator"):
            for channel in (False, True):
                name = f"{of}_static_{form}{'_channel' if channel else ''}"
                attempt(name, "onnxruntime.quantization", lambda path, form=form, channel=channel: q.quantize_static(
                    source, path, Reader(), quant_format=getattr(q.QuantFormat, form), per_channel=channel, activation_type=q.QuantType.QUInt8, weight_type=q.QuantType.QInt8))
        attempt(f"{of}_dynamic", "onnxruntime.quantization", lambda path: q.quantize_dynamic(source, path))


def onnx_family():
    from onnx import version_converter

    versions("onnx")
    for source, opset in (("vgg_bn_ts11", 21), ("unet_size_ts11", 18), ("encoder_ts13", 20), ("lstm_ts11", 15), ("vgg_bn_ts17", 13), ("densenet_ts17", 12)):
        file = os.path.join(folder, f"{source}.onnx")
        if os.path.exists(file):
            attempt(f"{source}_converted{opset}", "onnx.version_converter", lambda path, file=file, opset=opset: onnx.save(version_converter.convert_version(onnx.load(file), opset), path))


def keras_family():
    import tensorflow as tf
    import tf_keras as keras
    import tf2onnx

    versions("tensorflow-cpu", "tf2onnx", "tf_keras")
    layers = keras.layers

    def cnn(x):
        x = layers.Conv2D(8, 3, padding="same", strides=2)(x)
        x = layers.LeakyReLU(0.1)(layers.BatchNormalization()(x))
        x = layers.DepthwiseConv2D(3, padding="same")(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
        x = layers.MaxPooling2D()(x)
        return layers.Dense(5, activation="softmax")(layers.Flatten()(x))

    def residual(x):
        x = layers.Conv2D(8, 3, padding="same", activation="swish")(x)
        y = layers.SeparableConv2D(8, 3, padding="same")(x)
        s = layers.Dense(8, activation="hard_sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(y))
        return layers.Dense(5)(layers.GlobalAveragePooling2D()(layers.Add()([x, layers.Multiply()([y, s])])))

    def upsampled(x):
        y = layers.Conv2D(8, 3, strides=2, padding="same", activation="elu")(x)
        y = layers.Conv2DTranspose(8, 3, strides=2, padding="same")(y)
        y = layers.UpSampling2D(interpolation="bilinear")(layers.AveragePooling2D()(y))
        return layers.Conv2D(3, 1)(layers.Concatenate()([x, y]))

    def lstm(x):
        return layers.Dense(5)(layers.LSTM(8)(layers.Bidirectional(layers.LSTM(6, return_sequences=True))(x)))

    def gru(x):
        return layers.Dense(5)(layers.GRU(8)(x))

    def attention(x):
        y = layers.MultiHeadAttention(2, 4)(x, x)
        return layers.Dense(5)(layers.GlobalAveragePooling1D()(layers.LayerNormalization()(layers.Add()([x, y]))))

    def causal(x):
        return layers.Dense(5)(layers.GlobalMaxPooling1D()(layers.Conv1D(8, 3, padding="causal", dilation_rate=2, activation="gelu")(x)))

    shapes = {cnn: (16, 16, 3), residual: (16, 16, 3), upsampled: (16, 16, 3), lstm: (7, 6), gru: (7, 6), attention: (7, 8), causal: (9, 6)}
    for make, shape in shapes.items():
        for opset in (11, 15, 18):
            for batch in (None, 1):
                def run(path):
                    keras.utils.set_random_seed(0)
                    x = keras.Input(shape, batch_size=batch)
                    model = keras.Model(x, make(x))
                    for layer in model.layers:
                        if isinstance(layer, layers.BatchNormalization):
                            layer.moving_mean.assign(np.random.normal(0, 0.1, layer.moving_mean.shape))
                    tf2onnx.convert.from_keras(model, [tf.TensorSpec((batch, *shape), tf.float32, name="x")], opset=opset, output_path=path)

                attempt(f"keras_{make.__name__}_{opset}{'' if batch is None else '_fixed'}", "tf2onnx", run)


def sklearn_family():
    from skl2onnx import to_onnx
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    versions("scikit-learn", "skl2onnx")
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 6)).astype(np.float32)
    classes, target = (x[:, 0] + x[:, 1] > 0).astype(np.int64) + (x[:, 2] > 0.5), x[:, 0] * 2 + x[:, 3]
    for model, y in ((MLPClassifier(hidden_layer_sizes=(8,), max_iter=20, random_state=0), classes), (LogisticRegression(), classes),
                     (RandomForestClassifier(3, random_state=0), classes), (MLPRegressor(hidden_layer_sizes=(8,), max_iter=20, random_state=0), target), (LinearRegression(), target),
                     (make_pipeline(StandardScaler(), MLPClassifier(hidden_layer_sizes=(8,), max_iter=20, random_state=0)), classes)):
        def run(path):
            model.fit(x, y)
            onnx.save(to_onnx(model, x[:1], options={"zipmap": False} if y is classes else None), path)

        attempt(f"sklearn_{type(model).__name__}", "skl2onnx", run)


for family in (torch_family, quantized_family, onnx_family, keras_family, sklearn_family):
    try:
        family()
    except ImportError as missing:
        print(f"left out: {family.__name__.replace('_', ' ')} ({missing.name})", file=sys.stderr)
write_manifest()
