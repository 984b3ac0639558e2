"""The effects of a run, one step each: what is read from and written to GitHub, and what the model is asked."""
