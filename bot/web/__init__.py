"""What operators and their tools read over HTTP, on this machine only: health and metrics."""
