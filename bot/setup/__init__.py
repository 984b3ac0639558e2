"""Set-up in the browser: the App is registered by a button, and the page shows what is still missing."""

from bot.setup.mode import is_new, set_up
from bot.setup.pages import SetUp, setup_pages

__all__ = ["SetUp", "is_new", "set_up", "setup_pages"]
