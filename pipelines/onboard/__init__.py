"""Onboarding: recognizes the kind of source at an address, and drafts a contract for it."""
