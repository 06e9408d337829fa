"""From the country's name to the answers sent in: what is asked, of one country or several together."""
