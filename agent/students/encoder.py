"""Text to tokens, tokens to hidden states and sentence embeddings: one frozen encoder, cut in two at the fork.

The lower layers serve everyone: the upper ones finish the sentence embedding, the reader's own layers finish the reading. So a request costs one
full pass, not two, and the embedding of a text that was already read costs only the upper part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from agent.errors import ManifestError
from agent.students.manifest import Manifest

Floats: TypeAlias = NDArray[np.float32]
Ids: TypeAlias = NDArray[np.int64]

MAX_TOKENS = 256
"""What the encoder was trained to take, with its two end marks; longer texts are cut (embeddings) or read in windows (the reader)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """A text's tokens without the end marks."""

    text: str
    ids: Ids
    spans: NDArray[np.int64]
    """(tokens, 2): start and end of each token in code points of the original text, whatever the normaliser did to it."""

    def __len__(self) -> int:
        return len(self.ids)


class Session:
    """One ONNX graph with one input and one output. `run` frees the interpreter lock and may be called from many threads."""

    def __init__(self, graph: bytes, source: str) -> None:
        options = onnxruntime.SessionOptions()
        # A second thread inside a session spins on the core that another request needs: 6.8 ms against 2.7 ms on a busy machine.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own unrelated classes, also for a file it cannot parse
            raise ManifestError(
                f"{source} cannot be loaded by onnxruntime ({type(error).__name__}); make it again with `storehand distill`."
            ) from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(outputs) != 1:
            raise ManifestError(f"{source} has {len(inputs)} inputs and {len(outputs)} outputs where one of each is wanted.")
        self._input, self._output = inputs[0].name, outputs[0].name

    def run(self, value: NDArray[np.generic]) -> Floats:
        """The graph's output for one text, without the batch axis of one."""
        out: Floats = self._session.run([self._output], {self._input: value[np.newaxis]})[0][0]
        return out


class Encoder:
    """Texts to vectors, one text at a time: dynamic int8 scales by tensor, so a text's numbers would depend on its neighbours in a batch."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self._lower = Session(manifest.bytes_of("lower.onnx"), f"{manifest.folder}/lower.onnx")
        self._upper = Session(manifest.bytes_of("upper.onnx"), f"{manifest.folder}/upper.onnx")
        self._tokenizer = _tokenizer(manifest)
        self._first = self._mark("[CLS]")
        self._last = self._mark("[SEP]")

    def has(self, word: str) -> bool:
        """Whether this is a word of its own to the encoder, and no row of parts: a common one."""
        return self._tokenizer.token_to_id(word.lower()) is not None

    def tokens(self, text: str) -> Tokens:
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        ids = np.array(encoding.ids, dtype=np.int64)
        return Tokens(text=text, ids=ids, spans=np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2))

    def fork(self, ids: Ids) -> Floats:
        """Hidden states after the lower layers, (tokens + 2, 384): the end marks are added here and keep their places.

        Args:
            ids: At most MAX_TOKENS − 2 of them.
        """
        return self._lower.run(self.marked(ids))

    def marked(self, ids: Ids) -> Ids:
        """The ids between the end marks, as every pass takes them.

        Args:
            ids: At most MAX_TOKENS − 2 of them.
        """
        if len(ids) > MAX_TOKENS - 2:
            raise ValueError(f"{len(ids)} tokens in one pass; at most {MAX_TOKENS - 2} fit")
        return np.concatenate(([self._first], ids, [self._last]))

    def finish(self, fork: Floats) -> Floats:
        """Hidden states after the last layer, from those at the fork."""
        return self._upper.run(fork)

    def embed(self, texts: Sequence[str]) -> Floats:
        """(texts, 384), each row of length 1: mean of the hidden states. A text longer than MAX_TOKENS is cut."""
        if not texts:
            return np.zeros((0, 384), dtype=np.float32)
        return np.stack([self._embed(text) for text in texts])

    def _embed(self, text: str) -> Floats:
        mean = self.finish(self.fork(self.tokens(text).ids[: MAX_TOKENS - 2])).mean(axis=0)
        unit: Floats = mean / np.linalg.norm(mean)
        return unit

    def _mark(self, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise ManifestError(f"{self.manifest.folder}/tokenizer.json has no {token}; it is not this encoder's tokenizer.")
        return int(found)


def _tokenizer(manifest: Manifest) -> Tokenizer:
    data = manifest.bytes_of("tokenizer.json")
    try:
        tokenizer = Tokenizer.from_buffer(data)
    except Exception as error:  # the library raises plain Exception
        raise ManifestError(f"{manifest.folder}/tokenizer.json is not a tokenizer; restore it from the distribution.") from error
    # The published file pads and cuts everything to 128 tokens: a short request would cost nine times its pass.
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
