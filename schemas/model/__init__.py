"""Declarations as typed models: elements, codes, contracts, marts, issue types. No file is read here."""
