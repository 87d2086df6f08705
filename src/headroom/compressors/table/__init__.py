"""Tables that are no JSON: CSV and TSV, Markdown, boxes and psql, columns aligned by blanks.

They are read into cells and said in the rows of `json_rows`, whose format the docstring of that
package tells; the title says how the table was drawn, so that the text decodes to the original.

    table: 3 rows (psql)                        id | name
    same in all: name=Anna                      ----+------
    order: id,name                         <-    7 | Anna
    columns: id                                  8 | Anna
    7                                           12 | Anna
    8
    12

**Title.** `table: N rows (DRAWING)`. N rows follow the line of columns, `##` lines not counted.
`order` names all columns where the rows lack some.

**Cells** are verbatim, without the blanks around them. A bare number, `true`, `false` and `null`
are the texts they are; an empty cell is empty.

**Drawings.** Each cell is as wide as its column's widest, the name included, unless said.

- `CSV`, `TSV`, `CSV by ;`: cells with the delimiter, a quote or a line break are quoted; `all
  quoted`; `all but numbers quoted`; `no header`: columns are named by number.
- `Markdown`: `| a | b |` below a ruler `|---|---|`; `padded`; `spaced ruler`: `| --- | --- |`, as
  wide as the cells if they are padded; `ruler: …` is the ruler.
- `psql`; `box`: of `+-|`, else its top, middle, (between rows) and bottom ruler as left, line,
  crossing, right, and the bars in header and rows. `header left`, `centred`, `as cells`.
  Columns of numbers keep to the right, others to the left, unless `right-aligned: …` names those
  that do, or `all left-aligned`. Of psql the last cell has no blanks behind it: `ends padded`,
  `ends trimmed` differ.
- `aligned by 3 blanks`: columns left-aligned, so far apart; `aligned at 1,-20,22`: the second one
  ends at 20. `ruled`: dashes below the names. No blanks at line ends unless `padded`.
- `CRLF line ends`: of the whole text.

**Omission** only beyond a policy's budget: `40 of 240 rows (CSV), each behind its line number`; the
first gap is a marker, each further one says its rows and lines. A drawing that no rule gives
again stands behind a marker too. Lines of a file that was read are shown as they are, or not.
"""

from headroom.compressors.table.compressor import Table

__all__ = ["Table"]
