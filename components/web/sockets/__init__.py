"""What a websocket to Streamlit may send, and how much, before and after sign-in."""
