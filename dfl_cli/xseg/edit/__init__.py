"""The editor of labels: polygons around what belongs to a face and around what covers it."""
