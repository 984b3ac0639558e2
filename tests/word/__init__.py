"""GitHub's word: its published descriptions, and other people's clients of it, fetched by the tests' set-up."""
