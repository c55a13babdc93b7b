"""May we? The only maker of `Admitted`."""
