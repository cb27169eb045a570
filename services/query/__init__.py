"""The process that answers over HTTP: the JSON API under `/api/v1` and the operators' pages."""
