"""The demo shop: Fern & Tide, homeware, textiles and clothing by small makers, made anew from a seed and a day."""

from agent.stores.embedded.demo.make import make_demo

__all__ = ["make_demo"]
