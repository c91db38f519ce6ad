"""Which products are there that …"""
