"""The built-in vocabulary, one folder per domain: elements, codes, issues, indices. Declarations only, no code."""
