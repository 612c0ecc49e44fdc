"""Bytchat, a self-hosted platform of AI assistants."""

__version__ = "1.4.0"
