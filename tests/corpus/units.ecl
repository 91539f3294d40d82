1^ 1*/ 1MiB^99999999999 1B^-1 1s/ 1/s 1cpu*h*h*h/h 1e308GiB^9 0.1mcpu^2/s^-2 5%cpu
