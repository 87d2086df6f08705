"""JSON as tables: records with one header, what repeats said once, rows omitted only by budget.

The format
==========

The text is one line of JSON (the skeleton) and blocks, each after an empty line. In the
skeleton `<items>` stands for the list (or map) that the block `items` holds and `<user anna>`
for the record `anna` of the block `user`. Without a skeleton the first block is the document.

    {"total":3,"items":<items>}

    items: 3 records
    same in all: repo=acme/api,labels=[]
    url = https://api.example.com/issues/{number}
    columns: number,title,user:user
    7,Fix the login,anna
    8,"Crash, again",bob
    9,Typo,anna

    user: 2 records, cited by login
    url = https://example.com/{login}
    columns: login,id
    anna,4711
    bob,4712

**Title.** `NAME: N records`; `entries` are a map, whose keys are in the column `*`; `JSON lines`
are one value a line. A list of unlike records comes as `NAME part K: N records, rows 1-3,7`.
`cited by login` says which column the citations name (`#`: the record's number, first column).

**Facts**, one a line, each about one column. A name is the keys on the way joined by dots, each
JSON-quoted unless it is one plain word; `a[].b` is column b of the table in the cells of a.

- `same in all: a=1,b.(c=x,d=y)`: one value in every record; `b.(c,d)` is `b.c,b.d`.
  `same in all a[]: …` speaks of the rows of a's tables.
- `a = text {b}`: the text with column b put in. Braces that name no column stand for themselves.
  `{b}` alone is b's very value, `"{b}"` its text as a string; `{b:lower}` and the like are
  spellings (see `derive.VARIANTS`). `{}` is what a's own cell says, a string. A rule that ends
  in ` (unless given)` holds where a's cell is empty.
- `a runs 1 to 30 by 1`: counting, also of quoted integers, dates and times (by days, seconds).
- `a by b: x=1,y=2`: b's cell decides a's.
- `empty cells: a=null,b=x`: what an empty cell of a, of b says; `empty cells a[]: …` likewise.
- `a values: A=…,B=…`: cells of a hold the codes.
- `a in each section: x,y,z`: a's cells in the rows below each `##` line.

**Columns.** `a:str` holds strings, whatever they look like, `a:json` strings that are JSON text;
`a:user` cites a record of the block `user`, `a[]:user` lists of them; `a[](b,c)` holds a table
in each cell, `a{}(*,b)` a map, `a?(b,c)` a record that is not always there. `a.(b,c)` is
`a.b,a.c`.

**Rows** are cells joined by commas. A cell is empty where the record has no such key, bare where
it reads as what it is (a number, true, false, null, else a string), JSON where it would not. A
list is `[x,y]` of cells, a table `(1,x)(2,y)`. In brackets, strings with brackets are quoted.
A line `## a=x,b=y` holds for the rows below it, `## a starts x` begins a's cells with x. Codes,
empty cells and `by` are about the cells as they are written, and undone in that order.

**Omission** (never in `fold`, only beyond a policy's budget): the title says `20 of 300 records
shown`, rows start with their number `#`, and a marker stands for each run of rows left out. A
long list that holds no record is then such a table too: `20 of 300 values shown`, its items in
the column `value`.

Numbers keep their spelling. Key order within a record is not kept; everything else is.
"""

from headroom.compressors.json_rows.compressor import JsonRows
from headroom.compressors.json_rows.flat import FlatTable, FoldedRows
from headroom.compressors.json_rows.fold import fold

__all__ = ["FlatTable", "FoldedRows", "JsonRows", "fold"]
