"""Texts for people, in Chinese and English: errors, messages, suggestions. Issue types are in the packs."""
