* Two foods, three nutrients.
NAME          DIET
ROWS
 N  COST
 G  ENERGY
 G  PROTEIN
 L  WEIGHT
COLUMNS
    MARKER                 'MARKER'                 'INTORG'
    BREAD     COST              2.0   ENERGY            4.0
    BREAD     PROTEIN           1.0   WEIGHT            1.0
    MILK      COST              3.0   ENERGY            3.0
    MILK      PROTEIN           3.0   WEIGHT            1.0
    MARKER                 'MARKER'                 'INTEND'
    RHS       ENERGY           25.0   PROTEIN          12.0
    RHS       WEIGHT           20.0
BOUNDS
 UP BND       BREAD     50
 UP BND       MILK      -1e308
ENDATA
