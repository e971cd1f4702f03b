"""`dfl evaluate`: how good a model's swap is, in numbers, each beside the best and the worst that can be expected."""
