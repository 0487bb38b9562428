"""The payments desk without its screens. No Streamlit in here."""
