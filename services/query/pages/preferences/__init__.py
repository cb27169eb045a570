"""How pages look to a browser, and in which language a person reads them."""
