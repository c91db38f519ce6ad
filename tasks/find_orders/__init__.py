"""Which orders …"""
