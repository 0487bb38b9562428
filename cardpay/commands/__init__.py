"""One command of `python -m cardpay` a file."""
