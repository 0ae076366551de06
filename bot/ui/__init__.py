"""What the bot says to players and how: replies, refusals, buttons and menus."""
