"""Every choice the person has, as tables of data, and the loops over them: questions, flags, files, summary."""
