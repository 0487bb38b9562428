"""Operations: one write to Stripe each, its recovery, review and expiry."""
