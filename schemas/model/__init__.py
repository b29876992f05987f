"""The declarations as typed models: elements, codes, contracts, marts; reading files is in schemas/read."""
