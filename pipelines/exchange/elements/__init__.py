"""Tables of data elements (数据元) as workbooks and CSV: written from the registry, and read into declarations."""
