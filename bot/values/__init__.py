"""What passes between the parts: frozen, plain values that hold no client and can be stored as JSON."""
