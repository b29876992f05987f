"""How well addresses are located in the division that is valid on a day."""
