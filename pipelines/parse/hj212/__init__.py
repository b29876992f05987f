"""Messages of HJ 212, by which monitors of pollution sources report: frames, segments and rows."""
