"""What the demo's company sells, to whom and when: a pure function of a seed."""
