"""Links that lead nowhere, as to a disk that is not connected, are the person's: every command sees them and leaves them there."""

import shutil

import pytest

from dfl_cli.errors import UserError
from dfl_cli.faceset.renames import NameTaken, Renames
from dfl_cli.main import main
from dfl_cli.merge.watch.session_file import SessionFile
from dfl_cli.store.choose_model import free_folder, rename_model
from dfl_cli.store.durable import append_durably
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.text_files.lines import open_for_lines
from samplers.files.atomic_file import DanglingLink
from samplers.files.dfl_pack import unpack


@pytest.fixture
def unplug(tmp_path):
    """`unplug(path)`: put a link to a disk that is not connected at `path`, in place of what is there."""

    def link(path):
        path.unlink(missing_ok=True)
        path.symlink_to(tmp_path / "unplugged" / path.name)
        return path

    return link


@pytest.fixture
def faces(tmp_path, fixtures):
    return shutil.copytree(fixtures / "formats", tmp_path / "aligned", ignore=shutil.ignore_patterns("*[!g]"))


def links(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_symlink())


def test_unpacking_beside_links_leaves_them(faces, unplug, capsys):
    assert main(["faceset", "pack", str(faces)]) == 0
    names = sorted(path.name for path in faces.glob("*.jpg"))
    for name in names:
        unplug(faces / name)
    assert len(unpack(faces / "faceset.pak", faces)) == len(names)
    assert main(["faceset", "unpack", str(faces)]) == 0
    assert links(faces) == names
    assert len(list(faces.glob("*_2.jpg"))) == len(names)


@pytest.mark.parametrize("more", [[], ["--overwrite"]])
def test_a_pack_on_another_disk_is_not_written_anew(faces, unplug, more, capsys):
    unplug(faces / "faceset.pak")
    assert main(["faceset", "pack", str(faces), *more]) == 1
    assert "target is missing" in capsys.readouterr().err
    assert links(faces) == ["faceset.pak"] and not (faces.parent / "unplugged").exists()


def test_a_sort_numbers_pictures_around_a_link(faces, unplug):
    """Also where the link itself is to be moved, and where it has the name that another picture would get."""
    names = sorted(path.name for path in faces.glob("*.jpg"))
    unplug(faces / names[1])
    Renames(faces).sort(list(reversed(names)), [], by="yaw")
    assert len(list(faces.glob("*.jpg"))) == len(names)
    assert links(faces) == ["00002.jpg"]
    Renames(faces).undo()
    assert sorted(path.name for path in faces.glob("*.jpg")) == names and links(faces) == [names[1]]
    unplug(faces / "00000.jpg")
    with pytest.raises(NameTaken):
        Renames(faces).sort(names, [], by="yaw")
    assert sorted(path.name for path in faces.glob("*.jpg")) == sorted([*names, "00000.jpg"])


def test_trash_names_and_models_do_not_replace_links(tmp_path, unplug):
    models = tmp_path / "models"
    for name in ("a", "b"):
        (models / name).mkdir(parents=True)
        ModelDir(models / name).create("SAEHD", {})
        ModelDir(models / name).save({"model_class": "SAEHD", "iteration": 1, "options": {}, "seed": 1}, {})
    (models / ".trash").mkdir()
    unplug(models / ".trash" / "a")
    assert main(["model", "delete", "a", "--models", str(models), "--yes"]) == 0
    assert (models / ".trash" / "a 2" / "model.json").is_file()
    unplug(models / "away")
    for attempt in (lambda: rename_model(models, "b", "away"), lambda: free_folder(models, "away")):
        with pytest.raises(UserError, match="already a model"):
            attempt()
    assert links(models) == ["away"] and links(models / ".trash") == ["a"]


@pytest.mark.parametrize("more", [[], ["--force"]])
def test_an_export_leaves_links_to_the_older_export(tmp_path, fixtures, unplug, more, capsys):
    dfl, models, out = fixtures / "dfl" / "model", tmp_path / "models", tmp_path / "out"
    assert main(["model", "import-dfl", str(dfl), "--name", "tiny", "--to", str(models)]) == 0
    out.mkdir()
    unplug(out / "tiny_SAEHD_encoder.npy")
    assert main(["model", "export-dfl", "tiny", "--models", str(models), "--output", str(out), *more]) == 1
    assert links(out) == ["tiny_SAEHD_encoder.npy"] and len(list(out.iterdir())) == 1


def test_every_session_that_cannot_be_used_is_kept(tmp_path):
    file = SessionFile(tmp_path)
    for number in range(3):
        file.path.write_text(f"session {number}")
        file.keep_under_other_name()
    kept = sorted(path.read_text() for path in tmp_path.iterdir())
    assert kept == ["session 0", "session 1", "session 2"]


@pytest.mark.parametrize("to", ["here", "unplugged/disk"])  # in a circle, or nowhere
@pytest.mark.parametrize(
    "line",
    [
        ("faceset", "info", "{here}"),
        ("faceset", "pack", "{here}"),
        ("faceset", "sort", "{here}", "--undo"),
        ("faceset", "convert", "{here}"),
        ("faceset", "coverage", "{here}", "{here}"),
        ("faceset", "resize", "{here}", "--size", "128"),
        ("faceset", "debug-images", "{dfl}", "--output", "{here}"),
        ("faceset", "export-masks", "{here}"),
        ("faceset", "recover-names", "{here}"),
        ("faceset", "save-metadata", "{here}"),
        ("faceset", "restore-metadata", "{here}"),
        ("video", "denoise", "{here}"),
        ("model", "list", "--models", "{here}"),
        ("model", "export-dfl", "new", "--models", "{dfl}", "--output", "{here}"),
        ("model", "import-dfl", "{dfl}", "--name", "a", "--to", "{here}"),
        ("video", "extract", "{film}", "--output", "{here}"),
        ("demo", "--workspace", "{here}"),
        ("merge", "--batch", "--frames", "{dfl}", "--aligned", "{dfl}", "--models", "{dfl}", "--output", "{here}"),
    ],
)
def test_a_link_in_the_place_of_a_folder_ends_in_a_sentence(tmp_path, fixtures, make_film, capsys, line, to):
    places = {"here": tmp_path / "here", "dfl": shutil.copytree(fixtures / "dfl" / "model", tmp_path / "dfl")}
    places["here"].symlink_to(to)
    assert main([word.format(film=make_film(), **places) for word in line]) == 1
    said = capsys.readouterr().err
    assert "fix:" in said and "Unexpected" not in said
    assert places["here"].is_symlink() and not (tmp_path / "unplugged").exists()


def test_what_is_appended_to_is_not_made_anew_on_a_disk_that_is_not_connected(tmp_path, unplug):
    (tmp_path / "unplugged").mkdir()  # where it would be mounted
    for append in (lambda path: append_durably(path, b"1,2,3"), open_for_lines):
        with pytest.raises(DanglingLink):
            append(unplug(tmp_path / "log"))
    assert list((tmp_path / "unplugged").iterdir()) == []
