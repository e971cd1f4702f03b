"""Deleted models can be brought back until the trash is emptied; copies start where a model stands."""

import json


def names(dfl, models) -> list[str]:
    return [facts["name"] for facts in json.loads(dfl("list", "--models", models, "--json")[1])["models"]]


def test_a_deleted_model_comes_back_as_it_was(dfl, imported):
    before = dfl("info", "tiny", "--models", imported, "--json")[1]
    assert dfl("delete", "tiny", "--models", imported, "--yes")[0] == 0
    assert names(dfl, imported) == []
    assert "tiny" in dfl("trash", "--models", imported)[1]
    assert dfl("trash", "--bring-back", "tiny", "--models", imported)[0] == 0
    assert dfl("info", "tiny", "--models", imported, "--json")[1] == before


def test_two_models_of_one_name_fit_into_the_trash(dfl, imported):
    assert dfl("copy", "tiny", "other", "--models", imported)[0] == 0
    dfl("delete", "tiny", "--models", imported, "--yes")
    dfl("rename", "other", "tiny", "--models", imported)
    dfl("delete", "tiny", "--models", imported, "--yes")
    assert sorted(path.name for path in (imported / ".trash").iterdir()) == ["tiny", "tiny 2"]


def test_bringing_back_never_replaces_a_model(dfl, imported):
    dfl("copy", "tiny", "other", "--models", imported)
    dfl("delete", "tiny", "--models", imported, "--yes")
    dfl("rename", "other", "tiny", "--models", imported)
    code, _, said = dfl("trash", "--bring-back", "tiny", "--models", imported)
    assert (code, "already a model tiny" in said, "dfl model rename tiny NEW" in said) == (1, True, True)
    code, _, said = dfl("trash", "--bring-back", "nobody", "--models", imported)
    assert (code, "Available: tiny" in said) == (1, True)


def test_emptying_needs_a_yes_and_leaves_the_models(dfl, imported):
    dfl("copy", "tiny", "other", "--models", imported)
    dfl("delete", "tiny", "--models", imported, "--yes")
    code, _, said = dfl("trash", "--empty", "--models", imported)
    assert (code, "--yes" in said, (imported / ".trash" / "tiny").is_dir()) == (1, True, True)
    assert dfl("trash", "--empty", "--yes", "--models", imported)[0] == 0
    assert (list((imported / ".trash").iterdir()), names(dfl, imported)) == ([], ["other"])
    assert dfl("trash", "--models", imported)[1] == "The trash is empty.\n"


def test_a_copy_stands_on_its_own(dfl, imported):
    (imported / "tiny" / "loss.csv").write_text("iteration,seconds,src_loss,dst_loss\n1,0.1,1,1\n")
    dfl("backup", "tiny", "--models", imported)
    assert dfl("copy", "tiny", "实验 2", "--models", imported)[0] == 0
    dfl("delete", "tiny", "--models", imported, "--yes")
    dfl("trash", "--empty", "--yes", "--models", imported)
    facts = json.loads(dfl("info", "实验 2", "--models", imported, "--json")[1])
    assert (facts["iteration"], facts["healthy"], facts["backups"]) == (3, True, [])
    assert (imported / "实验 2" / "loss.csv").is_file()


def test_a_copy_needs_a_free_name(dfl, imported):
    for name in ("tiny", "a/b", ""):
        assert dfl("copy", "tiny", name, "--models", imported)[0] == 1
    assert names(dfl, imported) == ["tiny"]


def test_emptying_removes_a_link_and_never_what_it_leads_to(dfl, imported, tmp_path):
    dfl("copy", "tiny", "other", "--models", imported)
    moved = (imported / "other").rename(tmp_path / "other disk")
    (imported / "other").symlink_to(moved)
    for name in ("other", "tiny"):
        assert dfl("delete", name, "--models", imported, "--yes")[0] == 0
    (imported / ".trash" / "loop").symlink_to("loop")
    assert dfl("trash", "--empty", "--yes", "--models", imported)[0] == 0
    assert [path.name for path in (imported / ".trash").iterdir()] == ["loop"]
    assert (moved / "current").is_file()
