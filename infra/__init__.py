"""WHERE it runs: the demonstration city, and the deployment files for production."""
