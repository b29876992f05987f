"""What keeps a lake small and quick from day to day, and changes nothing that anybody reads."""
