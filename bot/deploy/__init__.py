"""Where services run: a Docker engine in Swarm mode with an ingress and a playground, and how services get there."""
