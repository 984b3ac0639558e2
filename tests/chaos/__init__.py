"""Issues on their way while everything around the bot fails: nothing may be lost, and nothing happen twice."""
