"""The demo's menu: what a demo can show and do that a desk cannot."""
