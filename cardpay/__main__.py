"""`python -m cardpay` and a command."""

from cardpay.commands.command_line import cardpay

if __name__ == "__main__":
    cardpay()
