"""Everything outside that the bot talks to, a room for each."""
