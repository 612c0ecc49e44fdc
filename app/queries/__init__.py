"""The statements of `app.crud`, a file an aggregate; call sites import them from there."""
