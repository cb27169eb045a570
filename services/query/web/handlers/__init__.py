"""Handlers of the pages: read the request, call the readers, make a view, fill a template."""
