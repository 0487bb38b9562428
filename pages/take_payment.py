"""Take payment: a caller's order and card on one screen, paid with one press."""

from components.frame.desk_access import authorise, current_desk
from components.frame.page_list import TAKE_PAYMENT
from components.take_payment.auto_refresh import refresh_while_taking
from components.take_payment.screen import take_payment_screen

actor = authorise(TAKE_PAYMENT)
take_payment_screen()
refresh_while_taking(current_desk(), actor)
