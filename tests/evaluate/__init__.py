"""How well a model does with this bot: a suite of small tasks, each taken from an issue to a running service."""
