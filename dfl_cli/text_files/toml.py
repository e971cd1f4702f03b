"""TOML reading for every Python we support: the standard library has it since 3.11."""

try:
    import tomllib
except ModuleNotFoundError:
    import tomli as tomllib

TOMLDecodeError = tomllib.TOMLDecodeError
loads = tomllib.loads
