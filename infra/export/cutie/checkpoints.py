"""Public checkpoints of Cutie, and models made of them or of random numbers."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import torch
from cutie.model.cutie import CUTIE
from cutie.model.utils import resnet
from omegaconf import DictConfig, OmegaConf

sys.path.append(str(Path(__file__).resolve().parents[1] / 'common'))

ADDRESS = 'https://github.com/hkchengrex/Cutie/releases/download/v1.0'
LICENCE = 'MIT'
# Name -> upstream's configuration of the network. Each has a checkpoint called NAME.pth.
CHECKPOINTS = {
    'cutie-base-mega': 'base',
    'cutie-base-wmose': 'base',
    'cutie-base-nomose': 'base',
    'cutie-small-mega': 'small',
    'cutie-small-wmose': 'small',
    'cutie-small-nomose': 'small',
}


def url_of(name: str) -> str:
    return f'{ADDRESS}/{name}.pth'


def configuration(network: str, overrides: list[str]) -> DictConfig:
    """Upstream's video configuration with a network; `overrides` are NAME=VALUE."""
    folder = Path(str(files('cutie.model'))).parent / 'config'
    config = OmegaConf.load(folder / 'video_config.yaml')
    del config['defaults']
    config.model = OmegaConf.load(folder / 'model' / 'base.yaml')
    if network != 'base':
        more = OmegaConf.load(folder / 'model' / f'{network}.yaml')
        del more['defaults']
        config.model = OmegaConf.merge(config.model, more)
    return OmegaConf.merge(config, OmegaConf.from_dotlist(overrides))


@contextmanager
def without_pretrained() -> None:
    """Upstream fetches weights of ImageNet to overwrite them at once with those of the checkpoint."""
    zoo, load = resnet.model_zoo, resnet.load_weights_add_extra_dim
    resnet.model_zoo = SimpleNamespace(load_url=lambda *_args, **_kwargs: {})
    resnet.load_weights_add_extra_dim = lambda *_args: None
    try:
        yield
    finally:
        resnet.model_zoo, resnet.load_weights_add_extra_dim = zoo, load


def build(config: DictConfig, checkpoint: Path | None) -> CUTIE:
    with without_pretrained():
        model = CUTIE(config).eval()
    if checkpoint:
        weights = torch.load(checkpoint, map_location='cpu', weights_only=True)
        missing = set(model.state_dict()) - set(weights)
        if missing:
            raise SystemExit(f'{checkpoint.name} is not a checkpoint of this model; it lacks {sorted(missing)[:5]}')
        model.load_weights(weights)
    return model
