"""Small valid files for example requests, because a model cannot write the base64 of a picture."""
