"""DeepFaceLab's command lines: which command here does the same, and what becomes of flags that have no equal.

table   the commands and flags, as data
words   a command line of DeepFaceLab -> command lines of this program
command what `dfl_cli.main` calls
export  `exportdfm`, which has to choose a model first
"""
