"""SQL functions for marts, evaluated over Arrow batches; no access to tables or files."""
