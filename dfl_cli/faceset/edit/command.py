"""The actions of `dfl faceset` that show, rename, describe and copy faces: their arguments, and what each prints."""


def add_actions(actions) -> None:
    pass
