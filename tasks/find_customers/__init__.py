"""Which customers …"""
