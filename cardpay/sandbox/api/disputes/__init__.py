"""What cardholders and banks contest: disputes, inquiries before them, and fraud warnings."""
