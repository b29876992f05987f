"""Questions about values of marts: opened by readers, asked to the departments, answered by their stewards."""
