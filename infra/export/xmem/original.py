"""The original, from a checkout of github.com/hkchengrex/XMem (it is no package): built with any sizes, to compare and
to time.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import torch
from networks import Sizes
from torch import Tensor, nn


class Original:
    """Its modules and classes."""

    def __init__(self, checkout: Path) -> None:
        sys.path.insert(0, str(checkout))
        names = (
            'model.resnet',
            'model.modules',
            'model.network',
            'inference.memory_manager',
            'inference.inference_core',
        )
        self.resnet, self.modules, self.network, memory, core = (importlib.import_module(name) for name in names)
        self.MemoryManager, self.InferenceCore = memory.MemoryManager, core.InferenceCore
        # It fetches weights of ImageNet to overwrite them at once with those of the checkpoint.
        self.resnet.model_zoo = SimpleNamespace(load_url=lambda *_args: {})
        self.resnet.load_weights_add_extra_dim = lambda *_args: None

    def build(self, sizes: Sizes, state: dict[str, Tensor]) -> nn.Module:
        """The networks with these sizes, of which three are options and the others numbers in the code."""
        options = {name: getattr(sizes, name) for name in ('key_dim', 'value_dim', 'hidden_dim')}
        with contextlib.ExitStack() as stack:
            if sizes != Sizes():
                for module, name, value in self.narrow(sizes):
                    stack.enter_context(replaced(module, name, value))
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            model = self.network.XMem(options)
        model.load_state_dict(state, strict=True)
        return model.eval()

    def narrow(self, sizes: Sizes) -> list[tuple[ModuleType, str, object]]:
        """What stands in for what has its sizes in the code."""
        resnet, modules, network = self.resnet, self.modules, self.network
        fusion, decoder, projection = modules.FeatureFusionBlock, network.Decoder, network.KeyProjection
        picture = 16 * sizes.key_width

        def encoder(block: type[nn.Module], width: int, depth: tuple[int, ...], extra: int) -> nn.Module:
            net = resnet.ResNet(block, (1, 1, 1, 1), extra)
            net.conv1, net.bn1 = nn.Conv2d(3 + extra, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)
            net.inplanes = width
            for stage, count in enumerate(depth):
                layer = net._make_layer(block, width << stage, count, stride=2 if stage else 1)
                setattr(net, f'layer{stage + 1}', layer)
            return net

        class Decoder(decoder):
            def __init__(self, value_dim: int, hidden_dim: int) -> None:
                nn.Module.__init__(self)
                up16, up8, up4 = sizes.up_dims
                self.fuser = fusion(picture, value_dim + hidden_dim, up16, up16)
                self.hidden_update = modules.HiddenUpdater([up16, up8, up4 + 1], sizes.update_dim, hidden_dim)
                self.up_16_8 = modules.UpsampleBlock(picture // 2, up16, up8)
                self.up_8_4 = modules.UpsampleBlock(picture // 4, up8, up4)
                self.pred = nn.Conv2d(up4, 1, kernel_size=3, padding=1)

        def resnet18(extra_dim: int, **_options: object) -> nn.Module:
            return encoder(resnet.BasicBlock, sizes.value_width, sizes.value_depth, extra_dim)

        def resnet50(**_options: object) -> nn.Module:
            return encoder(resnet.Bottleneck, sizes.key_width, sizes.key_depth, 0)

        return [
            (resnet, 'resnet18', resnet18),
            (resnet, 'resnet50', resnet50),
            (
                modules,
                'FeatureFusionBlock',
                lambda _x, _g, middle, out: fusion(picture, 4 * sizes.value_width, middle, out),
            ),
            (network, 'KeyProjection', lambda _inputs, key: projection(picture, key)),
            (network, 'Decoder', Decoder),
        ]


@contextlib.contextmanager
def replaced(module: ModuleType, name: str, value: object) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


class GroupedMemory:
    """One of the original's memories for each group of objects that came together, as rules go here: it has one row of
    keys for all of them, beside which values of later groups are out of place once frames were condensed."""

    def __init__(self, config: dict, manager: type) -> None:
        self.config, self.manager = config, manager
        self.groups: list[tuple[object, int]] = []
        self.hidden: Tensor | None = None

    def match_memory(self, key: Tensor, selection: Tensor) -> Tensor:
        return torch.cat([memory.match_memory(key, selection) for memory, _ in self.groups])

    def add_memory(self, key: Tensor, shrinkage: Tensor, value: Tensor, objects: list[int], selection: Tensor) -> None:
        new = len(objects) - sum(count for _, count in self.groups)
        if new:
            self.groups.append((self.manager(self.config), new))
        at = 0
        for memory, count in self.groups:
            own = value[:, at : at + count]
            memory.add_memory(key, shrinkage, own, list(range(1, count + 1)), selection=selection)
            at += count

    def create_hidden_state(self, count: int, key: Tensor) -> None:
        known = 0 if self.hidden is None else self.hidden.shape[1]
        new = torch.zeros(1, count - known, self.config['hidden_dim'], *key.shape[2:])
        self.hidden = new if self.hidden is None else torch.cat([self.hidden, new], 1)

    def set_hidden(self, hidden: Tensor) -> None:
        self.hidden = hidden

    def get_hidden(self) -> Tensor | None:
        return self.hidden

    def remove(self, planes: list[int]) -> None:
        """Objects by the order of their planes; the original has no such thing."""
        kept = [plane for plane in range(self.hidden.shape[1]) if plane not in planes]
        self.hidden = self.hidden[:, kept]
        groups, at = [], 0
        for memory, count in self.groups:
            own = [plane - at for plane in kept if at <= plane < at + count]
            at += count
            for store in (memory.work_mem, memory.long_mem):
                store.v = [values[own] for values in store.v]
            memory.work_mem.obj_groups, memory.work_mem.all_objects = [list(range(len(own)))], list(range(len(own)))
            if own:
                groups.append((memory, len(own)))
        self.groups = groups
