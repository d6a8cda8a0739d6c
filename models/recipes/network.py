"""MiniLM that reads question, answer and one claim together, every token seeing every other.

To begin with it may be trained on all claims of an answer in one sequence, each of which sees the answer and itself, the
answer only itself: one sequence of about 190 tokens in place of five of about 110, so 2.4 times as many labels a second.
"""

import random
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn

CLS, SEP = 101, 102
WIDTH, HEADS, LAYERS, INNER, VOCABULARY, POSITIONS = 384, 12, 6, 1536, 30522, 512
QUESTION_WINDOW, ANSWER_WINDOW, CLAIM_WINDOW = 64, 320, 122
CLOSED = -1e4  # added to attention scores that must not count; finite, so that int8 export keeps its range


class Dropout(nn.Module):
    """Dropout from a pool of ready random bits: on a CPU, drawing fresh ones costs more than the matmuls."""

    pool: torch.Tensor | None = None

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x):
        if not self.training or not self.share:
            return x
        if Dropout.pool is None:
            Dropout.pool = ((torch.rand(1 << 24) >= self.share) / (1 - self.share)).to(torch.bfloat16)
        start = random.randrange(Dropout.pool.numel() - x.numel())
        return x * Dropout.pool[start : start + x.numel()].view(x.shape)


class Attention(torch.autograd.Function):
    """Attention as the one operator that the served runtime has for it; only for export."""

    @staticmethod
    def forward(ctx, q, k, v):
        heads = [x.view(*x.shape[:2], HEADS, -1).transpose(1, 2) for x in (q, k, v)]
        return F.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2)

    @staticmethod
    def symbolic(g, q, k, v):
        return g.op("com.microsoft::MultiHeadAttention", q, k, v, num_heads_i=HEADS)


class Layer(nn.Module):
    """A transformer layer of BERT, with query, key and value in one matrix."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.qkv, self.out, self.norm1 = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH, 1e-12)
        self.up, self.down, self.norm2 = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH), nn.LayerNorm(WIDTH, 1e-12)
        self.drop = Dropout(dropout)

    def forward(self, x, mask):
        b, t, _ = x.shape
        if torch.onnx.is_in_onnx_export():  # one sequence at a time is served: nothing to mask
            seen = Attention.apply(*self.qkv(x).split(WIDTH, -1))
        else:
            q, k, v = self.qkv(x).view(b, t, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
            seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(b, t, WIDTH)
        return self.after(x, seen)

    def after(self, x, seen):
        """What follows attention."""
        x = self.norm1(x + self.drop(self.out(seen)))
        return self.norm2(x + self.drop(self.down(F.gelu(self.up(x)))))


class Backbone(nn.Module):
    """The embeddings and layers of MiniLM."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.word, self.position = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(POSITIONS, WIDTH)
        self.kind, self.norm, self.drop = nn.Embedding(2, WIDTH), nn.LayerNorm(WIDTH, 1e-12), Dropout(dropout)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))

    def forward(self, ids, positions, types, mask):
        x = self.embedded(ids, positions, types)
        for layer in self.layers:
            x = layer(x, mask)
        return x

    def embedded(self, ids, positions, types):
        """Token, place and part, before the first layer."""
        return self.drop(self.norm(self.word(ids) + self.position(positions) + self.kind(types)))

    def load(self, safetensors: Path) -> "Backbone":
        """The published weights."""
        w = load_file(safetensors)
        e = "embeddings."
        state = {"word.weight": w[e + "word_embeddings.weight"], "position.weight": w[e + "position_embeddings.weight"],
                 "kind.weight": w[e + "token_type_embeddings.weight"], "norm.weight": w[e + "LayerNorm.weight"],
                 "norm.bias": w[e + "LayerNorm.bias"]}
        names = {"out": "attention.output.dense", "norm1": "attention.output.LayerNorm", "up": "intermediate.dense",
                 "down": "output.dense", "norm2": "output.LayerNorm"}
        for i in range(LAYERS):
            p = f"encoder.layer.{i}."
            for part in ("weight", "bias"):
                state |= {f"layers.{i}.{ours}.{part}": w[f"{p}{theirs}.{part}"] for ours, theirs in names.items()}
                state[f"layers.{i}.qkv.{part}"] = torch.cat(
                    [w[f"{p}attention.self.{n}.{part}"] for n in ("query", "key", "value")])
        self.load_state_dict(state)
        return self


class Verifier(nn.Module):
    """Backbone and a head that turns each claim into four logits."""

    def __init__(self, dropout: float = 0.1, *, together: bool = False) -> None:
        super().__init__()
        self.together = together
        self.backbone, self.drop = Backbone(dropout), Dropout(dropout)
        self.dense, self.classify = nn.Linear(2 * WIDTH, WIDTH), nn.Linear(WIDTH, 4)

    def forward(self, ids, positions, parts, claims):
        """Logits [batch, claims, 4]. `parts`: 0 answer, k claim k, -1 padding; `claims`: 1, 2, 3 …"""
        x = self.backbone(ids, positions, (parts > 0).long(), visible(parts, self.together))
        own = (parts[:, None, :] == claims[None, :, None]).to(x.dtype)
        first = torch.gather(x, 1, own.argmax(-1)[..., None].expand(-1, -1, WIDTH))
        mean = own @ x / own.sum(-1, keepdim=True).clamp(min=1)
        hidden = torch.tanh(self.dense(self.drop(torch.cat([first, mean], -1))))
        return self.classify(self.drop(hidden))


class Pair(nn.Module):
    """The verifier as it is served: one sequence, one claim. The last layer is reckoned for the claim's tokens alone."""

    def __init__(self, verifier: Verifier) -> None:
        super().__init__()
        self.verifier, last = verifier, verifier.backbone.layers[-1]
        self.query, self.rest = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 2 * WIDTH)
        for made, part in ((self.query, slice(0, WIDTH)), (self.rest, slice(WIDTH, None))):
            made.weight.data, made.bias.data = last.qkv.weight.data[part].clone(), last.qkv.bias.data[part].clone()

    def forward(self, ids, parts):
        """Logits [1, 4]; `parts` is 0 for question and answer, then 1 for the claim."""
        v = self.verifier
        x = v.backbone.embedded(ids, torch.arange(ids.shape[1])[None], parts)
        for layer in v.backbone.layers[:-1]:
            x = layer(x, None)
        claim = x[:, parts[0].argmax() :]
        seen = Attention.apply(self.query(claim), *self.rest(x).split(WIDTH, -1))
        own = v.backbone.layers[-1].after(claim, seen)
        return v.classify(torch.tanh(v.dense(torch.cat([own[:, 0], own.mean(1)], -1))))


class Encoder(nn.Module):
    """The backbone alone: one vector for each token."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, ids):
        """Token vectors [batch, tokens, width]; the text's vector is their mean."""
        positions = torch.arange(ids.shape[1])[None]
        zero = torch.zeros_like(ids)
        return self.backbone(ids, positions, zero, None)


def visible(parts, together: bool):
    """What each token may attend to, as a number added to its attention scores.

    All but padding; with several claims in a sequence the answer and the claim's own tokens, the answer's only itself.
    """
    asking, seen = parts[:, :, None], parts[:, None, :]
    open_ = seen >= 0 if not together else (seen == 0) | ((asking == seen) & (seen >= 0)) | (asking < 0)
    kind = torch.bfloat16 if torch.is_autocast_enabled("cpu") else torch.float32
    return torch.where(open_, 0.0, CLOSED).to(kind)[:, None]


class Reader:
    """Texts to the arrays that the verifier reads; remembers the ids of every text."""

    def __init__(self, tokenizer: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._known: dict[str, list[int]] = {}

    def ids(self, text: str) -> list[int]:
        if text not in self._known:
            self._known[text] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return self._known[text]

    def length(self, example) -> int:
        """The tokens of an example."""
        texts = (example.question, example.answer, *example.claims)
        return sum(len(self.ids(t)) + 2 for t in texts)

    def batch(self, examples):
        """Arrays for a batch: (ids, positions, parts, claims), labels."""
        rows = [self._row(e) for e in examples]
        # Few distinct shapes: each new one is compiled and kept by the matmul library.
        tokens, most = -(-max(len(r[0]) for r in rows) // 16) * 16, max(len(e.claims) for e in examples)
        ids, positions = torch.zeros(len(rows), tokens, dtype=torch.long), torch.zeros(len(rows), tokens, dtype=torch.long)
        parts, labels = torch.full((len(rows), tokens), -1), torch.full((len(rows), most), -100)
        for i, (a, p, s) in enumerate(rows):
            ids[i, : len(a)], positions[i, : len(a)], parts[i, : len(a)] = map(torch.tensor, (a, p, s))
            labels[i, : len(examples[i].labels)] = torch.tensor(examples[i].labels)
        return (ids, positions, parts, torch.arange(1, most + 1)), labels

    def _row(self, e):
        head = [CLS, *self.ids(e.question)[:QUESTION_WINDOW], SEP, *self.ids(e.answer)[:ANSWER_WINDOW], SEP]
        ids, positions, parts = list(head), list(range(len(head))), [0] * len(head)
        for number, claim in enumerate(e.claims, 1):
            tail = [CLS, *self.ids(claim)[:CLAIM_WINDOW], SEP]
            ids += tail
            positions += [min(len(head) + k, POSITIONS - 1) for k in range(len(tail))]
            parts += [number] * len(tail)
        return ids, positions, parts
