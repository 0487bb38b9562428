"""Operations: one write to Stripe each, committed before it is sent and after it is answered."""
