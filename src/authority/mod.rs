//! HER-SYS and the health centre: cases, tests, results, processing numbers.
