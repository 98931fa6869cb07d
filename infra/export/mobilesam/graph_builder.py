"""A thin layer over onnx.helper: static shapes, short names, weights as references into the original files."""

from __future__ import annotations

from typing import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper

from source_weights import StoredTensor

OPSET = 20
IR_VERSION = 9


class GraphBuilder:
    def __init__(self, name: str, opset: int = OPSET) -> None:
        self.name = name
        self.opset = opset
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.embedded_bytes = 0
        self.external_files: set[str] = set()
        self._references: dict[tuple, str] = {}
        self._count = 0

    # Graph edges -------------------------------------------------------------------------------------------------

    def input(self, name: str, shape: Sequence[int | str], dtype: int = TensorProto.FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, dtype, list(shape)))
        return name

    def output(self, name: str, shape: Sequence[int | str], dtype: int = TensorProto.FLOAT) -> str:
        self.outputs.append(helper.make_tensor_value_info(name, dtype, list(shape)))
        return name

    # Constants ---------------------------------------------------------------------------------------------------

    def weight(self, tensor: StoredTensor) -> str:
        """An initializer whose bytes stay in the original file."""
        key = (tensor.file_name, tensor.offset, tensor.length, tensor.dims)
        if key not in self._references:
            proto = TensorProto(name=f'w{len(self._references)}', data_type=TensorProto.FLOAT, dims=tensor.dims)
            proto.data_location = TensorProto.EXTERNAL
            entries = (('location', tensor.file_name), ('offset', tensor.offset), ('length', tensor.length))
            for entry_key, value in entries:
                proto.external_data.add(key=entry_key, value=str(value))
            self.initializers[proto.name] = proto
            self.external_files.add(tensor.file_name)
            self._references[key] = proto.name
        return self._references[key]

    def constant(self, values: object, dtype: type = np.float32) -> str:
        array = np.asarray(values, dtype=dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._references:
            name = f'c{len(self._references)}'
            self.initializers[name] = onnx.numpy_helper.from_array(array, name)
            self.embedded_bytes += array.nbytes
            self._references[key] = name
        return self._references[key]

    def ints(self, *values: int) -> str:
        return self.constant(values, np.int64)

    # Operators ---------------------------------------------------------------------------------------------------

    def op(self, op_type: str, *inputs: str, output: str | None = None, **attributes: object) -> str:
        return self.ops(op_type, inputs, 1, output, **attributes)[0]

    def ops(
        self, op_type: str, inputs: Sequence[str], count: int = 1, output: str | None = None, **attributes: object
    ) -> list[str]:
        outputs = [output] if output else [f't{self._count + index}' for index in range(count)]
        self._count += count
        domain = str(attributes.pop('domain', ''))
        self.nodes.append(helper.make_node(op_type, list(inputs), outputs, domain=domain, **attributes))
        return outputs

    def reshape(self, x: str, *dims: int) -> str:
        """`0` copies the input's dimension, `-1` is inferred."""
        return self.op('Reshape', x, self.ints(*dims))

    def transpose(self, x: str, *perm: int) -> str:
        return self.op('Transpose', x, perm=list(perm))

    def slice(self, x: str, axes: Sequence[int], starts: Sequence[int], ends: Sequence[int]) -> str:
        return self.op('Slice', x, self.ints(*starts), self.ints(*ends), self.ints(*axes))

    def layer_norm(self, x: str, weight: str, bias: str, epsilon: float) -> str:
        return self.op('LayerNormalization', x, weight, bias, axis=-1, epsilon=epsilon)

    def linear(self, x: str, weight: str, bias: str | None = None) -> str:
        """`weight` is [in, out]; any number of leading dimensions."""
        product = self.op('MatMul', x, weight)
        return self.op('Add', product, bias) if bias else product

    # Result ------------------------------------------------------------------------------------------------------

    def build(self) -> onnx.ModelProto:
        used = used_names(self.nodes)
        initializers = [proto for name, proto in self.initializers.items() if name in used]
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, initializers)
        domains = sorted({node.domain for node in self.nodes})
        opsets = [helper.make_opsetid(domain, self.opset if domain == '' else 1) for domain in domains]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name='video-amg')


def used_names(nodes: Sequence[onnx.NodeProto]) -> set[str]:
    """Every value that the nodes or their subgraphs take."""
    used: set[str] = set()
    for node in nodes:
        used.update(node.input)
        for attribute in node.attribute:
            used |= used_names(attribute.g.node)
    return used
