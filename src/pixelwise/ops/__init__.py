"""Array in, array out: these know no noun of ours."""
