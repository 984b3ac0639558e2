"""GPT Deploy: an idea in a GitHub issue becomes a running, tested microservice with a playground."""

__version__ = "0.1.0"
