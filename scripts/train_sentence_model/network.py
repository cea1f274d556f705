"""The encoder of e5-small (BERT, Devlin et al., 2019) in PyTorch, from its packed weights."""

import torch
from torch import Tensor, nn
from torch.nn import functional as f

from .packed import Packed
from .words import PAD, kept_rows

LAYERS = 8
LONGEST = 128
_DENSE, _NORMS = ("q", "k", "v", "ao", "fi", "fo"), ("aln", "oln")


class Layer(nn.Module):
    """Attention and a feed-forward part, normalised after each."""

    def __init__(self, width: int, inner: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.ao = (nn.Linear(width, width) for _ in range(4))
        self.fi, self.fo = nn.Linear(width, inner), nn.Linear(inner, width)
        self.aln, self.oln = (nn.LayerNorm(width, eps=1e-12) for _ in range(2))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, width = x.shape

        def split(y: Tensor) -> Tensor:
            return y.view(batch, length, self.heads, -1).transpose(1, 2)

        seen = f.scaled_dot_product_attention(split(self.q(x)), split(self.k(x)), split(self.v(x)), attn_mask=mask)
        x = self.aln(x + self.ao(seen.transpose(1, 2).reshape(batch, length, width)))
        return self.oln(x + self.fo(f.gelu(self.fi(x))))


class Encoder(nn.Module):
    """Rows of word numbers to points of length 1 (mean of all words); words and places stay as they are."""

    def __init__(self, packed: Packed, layers: int = LAYERS) -> None:
        super().__init__()
        tensors = {name: torch.tensor(array) for name, array in packed.tensors.items()}
        width = packed.width
        words = tensors["emb.word"].view(-1, width)[kept_rows(packed)]
        self.word = nn.Embedding.from_pretrained(words, freeze=True)
        self.places = nn.Parameter(tensors["emb.pos"].view(-1, width)[:LONGEST].clone(), requires_grad=False)
        self.kind = nn.Parameter(tensors["emb.type"][:width].clone(), requires_grad=False)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.norm.weight.data, self.norm.bias.data = tensors["emb.ln.w"], tensors["emb.ln.b"]
        self.layers = nn.ModuleList(self._layer(packed, tensors, at) for at in range(layers))

    def _layer(self, packed: Packed, tensors: dict[str, Tensor], at: int) -> Layer:
        layer = Layer(packed.width, packed.inner, packed.heads)
        for name in (*_DENSE, *_NORMS):
            part = getattr(layer, name)
            part.weight.data = tensors[f"l{at}.{name}.w"].view_as(part.weight)
            part.bias.data = tensors[f"l{at}.{name}.b"]
        return layer

    def forward(self, ids: Tensor) -> Tensor:
        mask = ids != PAD
        x = self.norm(self.word(ids) + self.places[: ids.shape[1]] + self.kind)
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :])
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return f.normalize(mean, dim=1)


def padded(rows: list[list[int]]) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row[:LONGEST] + [PAD] * (longest - len(row)) for row in rows])
