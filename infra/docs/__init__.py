"""The documentation site: the repository's pages, and reference pages generated from declarations and code.

``python -m citylake.infra.docs`` builds it. The wheel does not hold it.
"""
