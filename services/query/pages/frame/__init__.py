"""What stands round every page: document, header, footer, the macros and the style all pages share."""
