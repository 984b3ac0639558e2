"""From the files in a model's reply to a service, and from a service to its folder in the repository and back."""

from bot.generate.files.assemble import assemble, assemble_tests
from bot.generate.files.folder import (
    Blueprint,
    changed_files,
    only_texts_change,
    read_service,
    service_files,
    texts,
    with_update,
)
from bot.generate.files.preflight import Preflight
from bot.generate.files.reply import Reply, read_files

__all__ = [
    "Blueprint",
    "Preflight",
    "Reply",
    "assemble",
    "assemble_tests",
    "changed_files",
    "only_texts_change",
    "read_files",
    "read_service",
    "service_files",
    "texts",
    "with_update",
]
