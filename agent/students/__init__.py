"""Local inference: one frozen text encoder, small heads on it, and the reader of requests. Needs onnxruntime, tokenizers and numpy alone."""

from agent.students.encoder import Encoder, Tokens
from agent.students.heads import Head
from agent.students.load import Students, load_students, model_folders
from agent.students.manifest import Manifest, read_manifest
from agent.students.reader import Reader

__all__ = ["Encoder", "Head", "Manifest", "Reader", "Students", "Tokens", "load_students", "model_folders", "read_manifest"]
