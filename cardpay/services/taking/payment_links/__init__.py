"""Payment links: made, checked, closed; a link and a card at the desk never both charge."""
