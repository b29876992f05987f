"""WHAT it means: data elements, code lists, contracts, marts; and the code that reads them."""
