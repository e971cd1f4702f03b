"""What is measured, one noun a file: pure functions on arrays. N counts frames; nan is what could not be measured."""
