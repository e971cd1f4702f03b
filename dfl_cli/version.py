"""The version of the installed program."""


def version() -> str:
    from importlib.metadata import version as installed  # 20 ms that most commands do not need

    return installed("dfl")
