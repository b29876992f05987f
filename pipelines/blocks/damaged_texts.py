"""Marks of texts that a wrong conversion damaged before they arrived."""

from __future__ import annotations

DAMAGED_TEXTS = ("\ufffd", "锟斤拷", "ï¿½")
"""What a conversion left in place of bytes that it could not decode; the second and third are read from such text."""
MISREAD_UTF8 = ("â€™", "â€œ", "â€“", "Ã©", "Ã¨", "Ã¼", "Ã¶", "Ã¤", "Ã±", "Ã³", "Ã§", "ã€‚", "ï¼Œ")
"""Frequent characters of UTF-8 that was read as windows-1252 and stored again."""
