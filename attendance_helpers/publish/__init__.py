"""Numbers become words, tables, charts, pages and workbooks; the only room that rounds."""
