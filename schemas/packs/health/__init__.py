"""Vocabulary of notifiable diseases, institutions of health care and sales of medicines."""
