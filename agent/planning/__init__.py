"""From a merchant's words to a plan: read, normalise, link, bind, refer, ask."""
