"""Face networks of DeepFaceLab, for whoever has their weights: S3FD finds faces, FAN their landmarks (facesets.md 5.3, 5.4)."""
