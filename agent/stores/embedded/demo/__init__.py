"""The demo shop: Fern & Tide, homeware, textiles and clothing by small makers, made anew from a seed and a day."""

from agent.stores.embedded.demo.make import demo_shop, make_demo

__all__ = ["demo_shop", "make_demo"]
