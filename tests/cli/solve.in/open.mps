NAME open
OBJSENSE
    MAX
ROWS
 N gain
 L sum
COLUMNS
 x gain 1 sum 1
 y gain 1 sum -1
RHS
 RHS sum 4
ENDATA
