"""The desk on real servers: what they publish becomes mentions, leads and tickets."""
