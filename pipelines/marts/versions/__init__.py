"""The versions of a mart after their publication: which there are and why, which are pinned, and the way back."""
