"""`gptdeploy --description ...`: open an issue, follow its run in the terminal, answer its questions at the prompt."""
