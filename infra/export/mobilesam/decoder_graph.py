"""SAM's prompt encoder and mask decoder at a fixed input size, for a batch of B prompts with N points each.

The arithmetic is the original's, regrouped so that the work per prompt is smaller (README, "What was regrouped"):
images stay channels-last, everything that is the same for all prompts stays at batch 1, and an image-side projection
is folded into the few tokens it is multiplied with.
"""

from __future__ import annotations

import math

from graph_builder import GraphBuilder
from mask_upscaler import MaskUpscaler
from prompt_encoder import PromptEncoder
from source_weights import SourceFile, StoredTensor

CHANNELS, HEADS, INNER = 256, 8, 128
DEPTH = INNER // HEADS
LAYER_NORM_EPS = 1e-5
ATTENTION_SCALE = 1 / math.sqrt(DEPTH)


class Attention:
    """The weights of one cross attention: named biases, and MatMul weights in the order of the original's graph."""

    def __init__(self, graph: GraphBuilder, source: SourceFile, name: str, weights: list[StoredTensor]) -> None:
        self.q, self.k, self.v, self.out = (graph.weight(weight) for weight in weights)
        names = (f'mask_decoder.transformer.{name}.{part}_proj.bias' for part in ('q', 'k', 'v', 'out'))
        self.q_bias, self.k_bias, self.v_bias, self.out_bias = (graph.weight(source[name]) for name in names)


class DecoderGraph:
    def __init__(self, source: SourceFile, size: int, with_mask_input: bool) -> None:
        self.size, self.side = size, size // 16
        self.image_tokens = self.side * self.side
        self.source = source
        self.with_mask_input = with_mask_input
        self.graph = GraphBuilder(f'mobilesam-decoder-{size}{"" if with_mask_input else "-points"}')
        self._linears = iter(source.in_order('onnx::MatMul_'))

    def build(self) -> GraphBuilder:
        g, side = self.graph, self.side
        embeddings = g.input('image_embeddings', [1, CHANNELS, side, side])
        prompts = PromptEncoder(g, self.source, self.size)
        tokens = prompts.tokens(g.input('point_coords', ['B', 'N', 2]), g.input('point_labels', ['B', 'N']))
        image = g.transpose(g.reshape(embeddings, 1, CHANNELS, self.image_tokens), 0, 2, 1)
        if self.with_mask_input:
            mask, has_mask = g.input('mask_input', ['B', 1, side * 4, side * 4]), g.input('has_mask_input', [1])
            image = g.op('Add', image, prompts.dense(mask, has_mask))
        else:
            image = g.op('Add', image, prompts.no_mask_embedding())
        tokens, image = self.transformer(tokens, image, prompts.image_position())
        mask_tokens = range(4) if self.with_mask_input else range(1, 4)
        MaskUpscaler(g, self.source, side).build(tokens, image, mask_tokens)
        g.output('low_res_masks', ['B', len(mask_tokens), 'H4', 'W4'])
        g.output('iou_predictions', ['B', len(mask_tokens)])
        return g

    # Transformer -------------------------------------------------------------------------------------------------

    def transformer(self, prompt_tokens: str, image: str, position: str) -> tuple[str, str]:
        g = self.graph
        tokens, shared = prompt_tokens, not self.with_mask_input
        for layer in range(2):
            name = f'layers.{layer}'
            tokens = self.self_attention(tokens, None if layer == 0 else prompt_tokens, name)
            tokens = self.norm(tokens, f'{name}.norm1')
            positioned = g.op('Add', image, position)
            to_image = self.cross_attention(f'{name}.cross_attn_token_to_image')
            query = g.op('Add', tokens, prompt_tokens)
            attend = self.attend_shared_image if shared else self.attend_image
            tokens = g.op('Add', tokens, attend(query, positioned, image, to_image))
            tokens = self.norm(tokens, f'{name}.norm2')
            tokens = self.norm(g.op('Add', tokens, self.mlp(tokens, name)), f'{name}.norm3')
            from_image = self.cross_attention(f'{name}.cross_attn_image_to_token')
            key = g.op('Add', tokens, prompt_tokens)
            update = self.attend_tokens(positioned, key, tokens, from_image, shared)
            # The reshape keeps onnxruntime from fusing Add and norm: its fused CPU kernel is several times slower.
            flat = g.reshape(g.op('Add', update, image), -1, CHANNELS)
            image = g.reshape(self.norm(flat, f'{name}.norm4'), -1, self.image_tokens, CHANNELS)
            shared = False
        final = self.cross_attention('final_attn_token_to_image')
        positioned = g.op('Add', image, position)
        attended = self.attend_image(g.op('Add', tokens, prompt_tokens), positioned, image, final)
        return self.norm(g.op('Add', tokens, attended), 'norm_final_attn'), image

    def named(self, name: str) -> str:
        return self.graph.weight(self.source[f'mask_decoder.transformer.{name}'])

    def norm(self, x: str, name: str) -> str:
        return self.graph.layer_norm(x, self.named(f'{name}.weight'), self.named(f'{name}.bias'), LAYER_NORM_EPS)

    def cross_attention(self, name: str) -> Attention:
        return Attention(self.graph, self.source, name, [next(self._linears) for _ in range(4)])

    def mlp(self, tokens: str, name: str) -> str:
        g = self.graph
        first, second = (g.weight(next(self._linears)) for _ in range(2))
        hidden = g.op('Relu', g.linear(tokens, first, self.named(f'{name}.mlp.lin1.bias')))
        return g.linear(hidden, second, self.named(f'{name}.mlp.lin2.bias'))

    def self_attention(self, tokens: str, position: str | None, name: str) -> str:
        g = self.graph
        weights = Attention(g, self.source, f'{name}.self_attn', [next(self._linears) for _ in range(4)])
        query = g.op('Add', tokens, position) if position else tokens
        depth = CHANNELS // HEADS
        q = self.split_heads(g.linear(query, weights.q, weights.q_bias), depth, 0, 2, 1, 3)
        k = self.split_heads(g.linear(query, weights.k, weights.k_bias), depth, 0, 2, 3, 1)
        v = self.split_heads(g.linear(tokens, weights.v, weights.v_bias), depth, 0, 2, 1, 3)
        scores = g.op('Mul', g.op('MatMul', q, k), g.constant(1 / math.sqrt(depth)))
        out = g.op('MatMul', g.op('Softmax', scores, axis=-1), v)
        out = g.linear(g.reshape(g.transpose(out, 0, 2, 1, 3), 0, 0, CHANNELS), weights.out, weights.out_bias)
        return g.op('Add', tokens, out) if position else out

    def split_heads(self, x: str, depth: int, *perm: int) -> str:
        return self.graph.transpose(self.graph.reshape(x, 0, 0, HEADS, depth), *perm)

    # Cross attention: T tokens per prompt, M image tokens ---------------------------------------------------------

    def head_mask(self) -> str:
        channels, heads = range(INNER), range(HEADS)
        mask = [[[float(channel // DEPTH == head) for channel in channels]] for head in heads]
        return self.graph.constant(mask)

    def heads_apart(self, x: str) -> str:
        """[B, T, 128] -> [B, 8 * T, 128]: row (head, token) keeps only the channels of its head, so that one ordinary
        matrix product over all channels gives the scores of each head separately."""
        g = self.graph
        apart = g.op('Mul', g.op('Unsqueeze', x, g.ints(1)), self.head_mask())
        return g.reshape(apart, 0, -1, INNER)

    def heads_together(self, x: str) -> str:
        """[B, 8 * T, 128] -> [B, T, 128]: from each row only the channels of its head."""
        g = self.graph
        apart = g.op('Mul', g.reshape(x, 0, HEADS, -1, INNER), self.head_mask())
        return g.op('ReduceSum', apart, g.ints(1), keepdims=0)

    def times_transposed(self, x: str, weight: str) -> str:
        """x @ weight^T for a weight stored [in, out]."""
        return self.graph.op('MatMul', x, self.graph.transpose(weight, 1, 0))

    def scaled_queries(self, query: str, weights: Attention) -> str:
        g = self.graph
        return g.op('Mul', g.linear(query, weights.q, weights.q_bias), g.constant(ATTENTION_SCALE))

    def attend_shared_image(self, query: str, positioned: str, image: str, weights: Attention) -> str:
        """Tokens attend to an image that is the same for all prompts: K and V are computed once."""
        g = self.graph
        k = self.split_heads(g.linear(positioned, weights.k, weights.k_bias), DEPTH, 0, 2, 3, 1)
        v = self.split_heads(g.linear(image, weights.v, weights.v_bias), DEPTH, 0, 2, 1, 3)
        queries = g.reshape(self.scaled_queries(query, weights), 0, -1, HEADS, DEPTH)
        shape = g.op('Shape', queries)
        flat = g.transpose(g.reshape(queries, -1, HEADS, DEPTH), 1, 0, 2)
        flat = g.op('Unsqueeze', flat, g.ints(0))
        out = g.op('MatMul', g.op('Softmax', g.op('MatMul', flat, k), axis=-1), v)
        out = g.op('Reshape', g.transpose(out, 0, 2, 1, 3), shape)
        return g.linear(g.reshape(out, 0, 0, INNER), weights.out, weights.out_bias)

    def attend_image(self, query: str, positioned: str, image: str, weights: Attention) -> str:
        """Tokens attend to each prompt's own image. softmax(q Wk' image') is computed as (q Wk') image', and
        (A (image Wv)) as (A image) Wv. The key bias adds one constant to a softmax row, which cancels."""
        g = self.graph
        folded = self.times_transposed(self.heads_apart(self.scaled_queries(query, weights)), weights.k)
        scores = g.op('MatMul', positioned, g.transpose(folded, 0, 2, 1))
        attention = g.op('Softmax', g.transpose(scores, 0, 2, 1), axis=-1)
        values = g.op('MatMul', g.op('MatMul', attention, image), weights.v)
        together = g.op('Add', self.heads_together(values), weights.v_bias)
        return g.linear(together, weights.out, weights.out_bias)

    def attend_tokens(self, positioned: str, key: str, value: str, weights: Attention, shared: bool) -> str:
        """The image attends to the tokens; softmax(Q K') (V Wo) with both projections folded into the tokens.
        Each head's weights sum to one, so an eighth of the output bias rides on every folded value."""
        g = self.graph
        keys = self.heads_apart(g.op('Mul', g.linear(key, weights.k, weights.k_bias), g.constant(ATTENTION_SCALE)))
        values = self.heads_apart(g.linear(value, weights.v, weights.v_bias))
        values = g.op('MatMul', values, weights.out)
        values = g.op('Add', values, g.op('Mul', weights.out_bias, g.constant(1 / HEADS)))
        if shared:
            queries = g.linear(positioned, weights.q, weights.q_bias)
            scores = g.op('MatMul', queries, g.transpose(keys, 0, 2, 1))
        else:
            folded = self.times_transposed(keys, weights.q)
            bias = g.op('MatMul', keys, g.op('Unsqueeze', weights.q_bias, g.ints(1)))
            scores = g.op('MatMul', positioned, g.transpose(folded, 0, 2, 1))
            scores = g.op('Add', scores, g.transpose(bias, 0, 2, 1))
        attention = g.op('Softmax', g.reshape(scores, 0, 0, HEADS, -1), axis=-1)
        return g.op('MatMul', g.reshape(attention, 0, self.image_tokens, -1), values)
