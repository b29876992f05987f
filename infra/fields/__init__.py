"""The compilation of the C sources below ``pipelines/parse``, and what is compiled compared with them."""
