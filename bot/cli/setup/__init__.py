"""What ``bgs-bot init`` is made of: questions, rules, trials, texts, files."""
