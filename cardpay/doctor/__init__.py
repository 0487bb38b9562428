"""`python -m cardpay doctor`: looks at everything, changes nothing, says what to do."""
