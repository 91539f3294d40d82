* Two foods, three nutrients.
NAME          DIET
ROWS
 N  COST
 G  ENERGY
 G  PROTEIN
 L  WEIGHT
COLUMNS
    BREAD     COST              2.0   ENERGY            4.0
    BREAD     PROTEIN           1.0   WEIGHT            1.0
    MILK      COST              3.0   ENERGY            3.0
    MILK      PROTEIN           3.0   WEIGHT            1.0
RHS
    RHS       ENERGY           24.0   PROTEIN          12.0
    RHS       WATER            20.0
ENDATA
