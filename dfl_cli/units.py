"""How sizes are written: 1 GB is 2**30 bytes, as graphics cards, memory and Windows count."""

MEGABYTE, GIGABYTE = 2**20, 2**30


def size_text(count: float) -> str:
    """Bytes for a person: `23.9 GB`, `340 MB`, `1.3 MB`."""
    if count >= 1000 * MEGABYTE:
        return f"{count / GIGABYTE:.1f} GB"
    megabytes = count / MEGABYTE
    return f"{megabytes:.0f} MB" if megabytes >= 100 else f"{megabytes:.1f} MB"
