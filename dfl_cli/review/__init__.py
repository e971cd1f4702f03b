"""`dfl extract review`: the faces and frames of an extraction are looked through, sorted out and put right."""
