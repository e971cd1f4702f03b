"""`dfl xseg export-labels` and `import-labels`: polygons to and from labelme and COCO."""
