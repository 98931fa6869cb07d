"""What XMem remembers, and how it forgets (the paper, sections 3.2 to 3.4). Tokens are rows: [tokens, channels].

Objects that came on one frame share their tokens' keys and are a bucket; each bucket is compared, condensed and bounded
by itself. Upstream keeps one row of keys for all objects: README.md says where that differs.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

# A life before the first reading, so that the share of use is a number.
NEW_LIFE = 1e-7


def similarity(keys: Tensor, shrinkage: Tensor, query: Tensor, selection: Tensor) -> Tensor:
    """[queries, tokens] anisotropic L2 (equation 2), expanded so that it is two products of matrices."""
    squares = selection @ (keys * keys).T
    products = 2 * (query * selection) @ keys.T
    constant = (selection * query * query).sum(1, keepdim=True)
    return (products - squares - constant) * shrinkage / math.sqrt(keys.shape[1])


class Store:
    """Tokens in the order in which they came, and how much each was read."""

    def __init__(self, key_dim: int) -> None:
        self.keys = torch.zeros(0, key_dim)
        self.shrinkage = torch.zeros(0)
        self.selection = torch.zeros(0, key_dim)
        self.values: dict[int, Tensor] = {}
        self.use = torch.zeros(0)
        self.life = torch.zeros(0)

    def __len__(self) -> int:
        return len(self.keys)

    def append(self, keys: Tensor, shrinkage: Tensor, selection: Tensor, values: dict[int, Tensor]) -> None:
        self.keys = torch.cat([self.keys, keys])
        self.shrinkage = torch.cat([self.shrinkage, shrinkage])
        self.selection = torch.cat([self.selection, selection])
        for i, own in values.items():
            self.values[i] = torch.cat([self.values[i], own]) if i in self.values else own
        self.use = torch.cat([self.use, torch.zeros(len(keys))])
        self.life = torch.cat([self.life, torch.full((len(keys),), NEW_LIFE)])

    def keep(self, rows: Tensor | slice) -> None:
        self.keys, self.shrinkage, self.selection = self.keys[rows], self.shrinkage[rows], self.selection[rows]
        self.values = {i: own[rows] for i, own in self.values.items()}
        self.use, self.life = self.use[rows], self.life[rows]

    def count_use(self, weights: Tensor) -> None:
        self.use = self.use + weights
        self.life = self.life + 1

    def usage(self) -> Tensor:
        return self.use / self.life

    def forget_down_to(self, most: int) -> None:
        """The least used go, and whatever is used as little as the last of them (section 3.3)."""
        surplus = len(self) - most
        if surplus > 0:
            usage = self.usage()
            self.keep(usage > torch.topk(usage, surplus, largest=False).values[-1])


class Bucket:
    """Objects that came on one frame: that frame for good, the last ones, and prototypes of those between."""

    def __init__(self, objects: list[int], key_dim: int) -> None:
        self.objects = objects
        self.long, self.first, self.work = (Store(key_dim) for _ in range(3))

    @property
    def stores(self) -> list[Store]:
        """In the order in which they are read."""
        return [self.long, self.first, self.work]

    def read(self, query: Tensor, selection: Tensor, top_k: int) -> dict[int, Tensor]:
        """[queries, value_dim] by object: means of the `top_k` likest tokens' values; counts what was read."""
        keys, shrinkage = (torch.cat([getattr(s, name) for s in self.stores]) for name in ('keys', 'shrinkage'))
        found = similarity(keys, shrinkage, query, selection)
        best, rows = torch.topk(found, min(top_k, len(keys)), dim=1)
        affinity = torch.zeros_like(found).scatter_(1, rows, best.softmax(1))
        at = 0
        for store in self.stores:
            if store is not self.first:
                store.count_use(affinity[:, at : at + len(store)].sum(0))
            at += len(store)
        return {i: affinity @ torch.cat([s.values[i] for s in self.stores if len(s) > 0]) for i in self.objects}

    def condense(self, among: int, prototypes: int) -> None:
        """The most used of the oldest `among` tokens stay as prototypes, with means of all by how like they are
        (section 3.3, potentiation)."""
        work, old = self.work, slice(0, among)
        chosen = torch.topk(work.usage()[old], min(prototypes, among)).indices
        affinity = similarity(work.keys[old], work.shrinkage[old], work.keys[chosen], work.selection[chosen]).softmax(1)
        values = {i: affinity @ own[old] for i, own in work.values.items()}
        none = torch.zeros_like(work.keys[chosen])
        self.long.append(work.keys[chosen], affinity @ work.shrinkage[old], none, values)
        work.keep(slice(among, None))


class Memory:
    """Of all objects; options have upstream's names."""

    def __init__(self, options: dict, key_dim: int) -> None:
        self.options = options
        self.key_dim = key_dim
        self.buckets: list[Bucket] = []

    def read(self, key: Tensor, selection: Tensor) -> dict[int, Tensor]:
        found: dict[int, Tensor] = {}
        for bucket in self.buckets:
            found |= bucket.read(key, selection, self.options['top_k'])
        return found

    def add(self, key: Tensor, shrinkage: Tensor, selection: Tensor, values: dict[int, Tensor]) -> None:
        """Remember a frame; objects that are new get a bucket."""
        known = {i for bucket in self.buckets for i in bucket.objects}
        new = [i for i in values if i not in known]
        if new:
            self.buckets.append(Bucket(new, self.key_dim))
        for bucket in self.buckets:
            store = bucket.work if len(bucket.first) else bucket.first
            store.append(key, shrinkage, selection, {i: values[i] for i in bucket.objects})
            self.limit(bucket, len(key))

    def limit(self, bucket: Bucket, cells: int) -> None:
        options = self.options
        # The first frame counts as one of them.
        if options['enable_long_term']:
            if len(bucket.work) < (options['max_mid_term_frames'] - 1) * cells:
                return
            bucket.long.forget_down_to(options['max_long_term_elements'] - options['num_prototypes'])
            older = len(bucket.work) - (options['min_mid_term_frames'] - 1) * cells
            bucket.condense(older, options['num_prototypes'])
        else:
            # Upstream forgets nothing then.
            surplus = len(bucket.work) - (options['max_mid_term_frames'] - 1) * cells
            bucket.work.keep(slice(max(0, surplus), None))

    def remove(self, gone: list[int]) -> None:
        for bucket in self.buckets:
            bucket.objects = [i for i in bucket.objects if i not in gone]
            for store in bucket.stores:
                store.values = {i: own for i, own in store.values.items() if i not in gone}
        self.buckets = [bucket for bucket in self.buckets if bucket.objects]
