"""Where signals come from: connector files, and the rows and slots they turn into signals."""
