"""Stores of files: folders, object stores, SFTP servers; whatever fsspec opens."""
