"""Networks that find faces, their landmarks, their identity and their expression; run by OpenCV. docs/networks.md"""
