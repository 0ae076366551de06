"""What the bot remembers of guilds, and which tenant each of them sees."""
