"""What a report asks of the rows: one module a question, its answer a frozen value."""
