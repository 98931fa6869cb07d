"""Finds where each tensor's bytes lie inside an ONNX file, by walking the protobuf wire format.

Only what is needed to answer "which byte offset and length holds the raw_data of tensor X" is decoded: the
initializers of the main graph and the `value` tensors of its Constant nodes (named by the node's output).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

FLOAT = 1
WIRE_VARINT, WIRE_FIXED64, WIRE_BYTES, WIRE_FIXED32 = 0, 1, 2, 5

# Field numbers from onnx.proto.
MODEL_GRAPH = 7
GRAPH_NODE, GRAPH_INITIALIZER = 1, 5
NODE_OUTPUT, NODE_OP_TYPE, NODE_ATTRIBUTE = 2, 4, 5
ATTRIBUTE_TENSOR = 5
TENSOR_DIMS, TENSOR_DATA_TYPE, TENSOR_NAME, TENSOR_RAW_DATA = 1, 2, 8, 9


@dataclass(frozen=True)
class StoredTensor:
    """A float32 tensor that lies as little-endian bytes in `file_name` at [offset, offset + length)."""

    file_name: str
    name: str
    dims: tuple[int, ...]
    offset: int
    length: int

    def rows(self, start: int, end: int) -> 'StoredTensor':
        """The rows [start, end) of the first dimension: a sub-range of the same bytes."""
        row_bytes = self.length // self.dims[0]
        dims = (end - start, *self.dims[1:])
        return StoredTensor(self.file_name, self.name, dims, self.offset + start * row_bytes, (end - start) * row_bytes)

    def reshaped(self, *dims: int) -> 'StoredTensor':
        """The same bytes under another shape."""
        tensor = StoredTensor(self.file_name, self.name, tuple(dims), self.offset, self.length)
        assert element_count(tensor.dims) == element_count(self.dims), (self.dims, dims)
        return tensor


class SourceFile:
    """One pinned original file: its tensors by name, and its hash."""

    def __init__(self, path: Path, expected_sha256: str) -> None:
        data = path.read_bytes()
        self.name = path.name
        self.size_bytes = len(data)
        self.sha256 = hashlib.sha256(data).hexdigest()
        if self.sha256 != expected_sha256:
            raise SystemExit(f'{path.name}: sha256 is {self.sha256}, expected {expected_sha256}')
        self.tensors = {tensor.name: tensor for tensor in iterate_tensors(path.name, memoryview(data))}

    def __getitem__(self, name: str) -> StoredTensor:
        return self.tensors[name]

    def in_order(self, prefix: str) -> list[StoredTensor]:
        """Tensors whose name starts with `prefix`, in file order (the exporter wrote them in graph order)."""
        return [tensor for name, tensor in self.tensors.items() if name.startswith(prefix)]


def element_count(dims: tuple[int, ...]) -> int:
    count = 1
    for dim in dims:
        count *= dim
    return count


def read_varint(data: memoryview, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def iterate_fields(data: memoryview, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yields (field number, wire type, value or start, end) for each field in [start, end)."""
    at = start
    while at < end:
        key, at = read_varint(data, at)
        field, wire = key >> 3, key & 7
        if wire == WIRE_VARINT:
            value, at = read_varint(data, at)
            yield field, wire, value, at
        elif wire == WIRE_BYTES:
            length, at = read_varint(data, at)
            yield field, wire, at, at + length
            at += length
        elif wire in (WIRE_FIXED64, WIRE_FIXED32):
            size = 8 if wire == WIRE_FIXED64 else 4
            yield field, wire, at, at + size
            at += size
        else:
            raise ValueError(f'unsupported wire type {wire} at byte {at}')


def read_tensor(file_name: str, data: memoryview, start: int, end: int, fallback_name: str) -> StoredTensor | None:
    name, dims, data_type, raw = fallback_name, [], 0, None
    for field, wire, value, stop in iterate_fields(data, start, end):
        if field == TENSOR_DIMS and wire == WIRE_VARINT:
            dims.append(value)
        elif field == TENSOR_DIMS:
            at = value
            while at < stop:
                dim, at = read_varint(data, at)
                dims.append(dim)
        elif field == TENSOR_DATA_TYPE:
            data_type = value
        elif field == TENSOR_NAME:
            name = fallback_name or bytes(data[value:stop]).decode()
        elif field == TENSOR_RAW_DATA:
            raw = (value, stop - value)
    if raw is None or data_type != FLOAT or raw[1] != 4 * element_count(tuple(dims)):
        return None
    return StoredTensor(file_name, name, tuple(dims), raw[0], raw[1])


def iterate_tensors(file_name: str, data: memoryview) -> Iterator[StoredTensor]:
    for field, _, start, end in iterate_fields(data, 0, len(data)):
        if field != MODEL_GRAPH:
            continue
        for graph_field, _, item_start, item_end in iterate_fields(data, start, end):
            tensor = None
            if graph_field == GRAPH_INITIALIZER:
                tensor = read_tensor(file_name, data, item_start, item_end, '')
            elif graph_field == GRAPH_NODE:
                tensor = read_constant_node(file_name, data, item_start, item_end)
            if tensor is not None:
                yield tensor


def read_constant_node(file_name: str, data: memoryview, start: int, end: int) -> StoredTensor | None:
    op_type, output, attributes = '', '', []
    for field, _, value, stop in iterate_fields(data, start, end):
        if field == NODE_OP_TYPE:
            op_type = bytes(data[value:stop]).decode()
        elif field == NODE_OUTPUT:
            output = bytes(data[value:stop]).decode()
        elif field == NODE_ATTRIBUTE:
            attributes.append((value, stop))
    if op_type != 'Constant':
        return None
    for attribute_start, attribute_end in attributes:
        for field, wire, value, stop in iterate_fields(data, attribute_start, attribute_end):
            if field == ATTRIBUTE_TENSOR and wire == WIRE_BYTES:
                return read_tensor(file_name, data, value, stop, output)
    return None
