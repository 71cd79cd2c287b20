"""One module a company of the demo."""
