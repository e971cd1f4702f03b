"""Angles as text."""


def signed(degrees: float) -> str:
    """Whole degrees with their sign; 0 has none."""
    return f"{degrees:+.0f}" if round(degrees) else "0"
