"""River one: a question and its stream back."""
