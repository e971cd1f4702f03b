"""The state of an interactive merge: settings per frame, what is done, and moving about."""

import json
import unicodedata
from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.watch.keys import MODE_KEYS, key_actions, moves_help, press, settings_help
from dfl_cli.merge.watch.session import MergeSession, ModelVersion, SessionMismatch
from dfl_cli.options.option import by_key, resolve
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.options.wizard import ask_table

NAMES = [f"{number:04d}.png" for number in range(6)]


def defaults() -> MergeSettings:
    answers = ask_table(MERGE, ask_now=False)
    return MergeSettings(**{field.name: answers[field.name] for field in fields(MergeSettings)})


def begin(names=NAMES, *, iteration=1000, fingerprints=None) -> MergeSession:
    fingerprints = fingerprints or dict.fromkeys(names, "as it was")
    return MergeSession(fingerprints, defaults(), MERGE, model=ModelVersion("bob", iteration))


def write(session: MergeSession, indexes) -> None:
    for index in indexes:
        session.mark_written(index, session.settings_of(index))


def again(session: MergeSession, **changes) -> MergeSession:
    """The session of the next start, after a trip through the file."""
    following = begin(**{key: value for key, value in changes.items() if key != "is_whole"})
    following.resume(json.loads(json.dumps(session.as_json())), is_whole=changes.get("is_whole", lambda name: True))
    return following


def erosions(session: MergeSession) -> list[int | None]:
    return [frame.settings and frame.settings.erode_mask_modifier for frame in session.frames]


def typed(session: MergeSession, keys: str) -> None:
    for key in keys:
        press(session, key)


def test_a_frame_takes_the_settings_of_the_one_before_when_it_is_first_seen_and_keeps_its_own_later():
    session = begin()
    typed(session, "w.W")
    assert erosions(session) == [1, 6, None, None, None, None]
    typed(session, ",ww.")
    assert (session.position, erosions(session)[:2]) == (1, [3, 6])


@pytest.mark.parametrize(
    ("keys", "position", "expected"),
    [
        ("...W,", 2, [0, 0, 0, 5, None, None]),
        ("...Wm", 2, [0, 0, 5, 5, None, None]),
        ("...WM", 0, [5, 5, 5, 5, None, None]),
        ("...W<", 0, [0, 0, 0, 5, None, None]),
        (".<W/", 1, [5, 5, None, None, None, None]),
        ("..<W?", 1, [5, 5, 5, 5, 5, 5]),
        (",", 0, [0, None, None, None, None, None]),
        ("......................", 5, [0, 0, 0, 0, 0, 0]),
    ],
)
def test_the_keys_of_the_reference_move_and_carry_settings(keys, position, expected):
    session = begin()
    typed(session, keys)
    assert (session.position, erosions(session)) == (position, expected)


def test_values_stop_at_the_limits_of_the_option_table():
    session = begin()
    typed(session, "W" * 100)
    assert session.settings.erode_mask_modifier == 400
    typed(session, "S" * 200)
    assert session.settings.erode_mask_modifier == -400


def test_modes_are_chosen_by_their_keys_and_choices_go_round():
    session = begin()
    assert press(session, MODE_KEYS[0])
    assert session.settings.mode == "original"
    choices = session.options["mask_mode"].kind.choices
    seen = []
    for _ in choices:
        press(session, "x")
        seen.append(session.settings.mask_mode)
    assert sorted(seen) == sorted(choices)


def test_a_change_makes_a_written_frame_stale_and_changing_back_makes_it_done_again():
    session = begin()
    write(session, [0])
    assert session.current.done
    press(session, "w")
    assert not session.current.done
    press(session, "s")
    assert session.current.done


def test_copying_equal_settings_leaves_written_frames_done():
    session = begin()
    write(session, session.remaining())
    press(session, "?")
    assert session.done_count == 6
    typed(session, "w?")
    assert [frame.done for frame in session.frames] == [True, False, False, False, False, False]


def test_what_remains_is_written_with_the_settings_of_the_frames_before():
    session = begin()
    typed(session, "..W")
    write(session, [1])
    assert session.remaining() == [0, 2, 3, 4, 5]
    assert erosions(session) == [0, 0, 5, 5, 5, 5]


def test_what_was_looked_at_is_due_and_nothing_else():
    session = begin()
    typed(session, "..W")
    write(session, [1])
    assert session.visited_and_unwritten() == [0, 2]


def test_the_session_goes_on_where_it_was():
    session = begin()
    typed(session, "..W.")
    write(session, [0, 1])
    resumed = again(session)
    assert resumed.position == 3
    assert erosions(resumed) == erosions(session)
    assert [frame.done for frame in resumed.frames] == [True, True, False, False, False, False]


def test_after_more_training_all_frames_are_due_again_with_their_settings():
    session = begin()
    typed(session, "..W")
    write(session, session.remaining())
    resumed = again(session, iteration=2000)
    assert (resumed.position, resumed.done_count, erosions(resumed)) == (0, 0, [0, 0, 5, 5, 5, 5])


def test_a_finished_film_starts_at_its_first_frame():
    session = begin()
    write(session, session.remaining())
    session.go(4)
    assert (again(session).position, again(session).done_count) == (0, 6)


def test_changed_frames_and_lost_results_are_due_again_and_come_first():
    session = begin()
    session.remaining()
    session.go(5)
    write(session, range(5))
    changed = dict.fromkeys(NAMES, "as it was") | {NAMES[3]: "extracted again"}
    resumed = again(session, fingerprints=changed)
    assert (resumed.position, resumed.remaining()) == (3, [3, 5])
    resumed = again(session, is_whole=lambda name: name != NAMES[1])
    assert (resumed.position, resumed.remaining()) == (1, [1, 5])


def test_frames_that_were_added_or_removed_do_not_disturb_the_others():
    session = begin()
    typed(session, "W.S.")
    resumed = again(session, names=["0000a.png", *NAMES[1:]])
    assert erosions(resumed)[:3] == [0, 0, 0]
    assert resumed.current.name == NAMES[2]


DANGLING = {
    "model": {"name": "bob", "iteration": 1},
    "settings": [],
    "frames": [[NAMES[0], "", 9, None]],
    "position": NAMES[0],
}


@pytest.mark.parametrize("saved", [None, [], {}, {"model": {}}, DANGLING])
def test_a_file_that_is_no_session_is_refused_and_changes_nothing(saved):
    session = begin()
    with pytest.raises(SessionMismatch):
        session.resume(saved)
    assert erosions(session)[0] == 0


def test_another_films_session_is_refused():
    with pytest.raises(SessionMismatch, match="none of the frames"):
        again(begin(), names=["other.png"])


def test_settings_of_another_version_become_the_usual_ones():
    saved = begin().as_json()
    saved["settings"][0] |= {"mode": "of tomorrow", "blur_mask_modifier": 7, "gone": 1}
    session = begin()
    session.resume(saved)
    assert (session.settings.mode, session.settings.blur_mask_modifier) == (defaults().mode, 7)


def test_the_network_that_enhances_is_that_of_this_run():
    saved = begin().as_json()
    saved["settings"][0] |= {"super_resolution_model": "of-yesterday.onnx"}
    session = begin()
    session.resume(saved)
    assert session.settings.super_resolution_model == defaults().super_resolution_model
    assert not session.change("super_resolution_model", "another.onnx")


def test_the_help_names_every_setting_and_move():
    session = begin()
    assert {line.text for line in settings_help(session)} >= {"mode", "erode mask modifier", "color transfer mode"}
    assert settings_help(session)[0].keys == "` 1-6"
    assert moves_help()


def acts():
    keys = st.sampled_from(sorted(key_actions())).map(lambda key: ("key", key))
    others = st.sampled_from([("write", None), ("remaining", None), ("again", None)])
    return st.lists(st.one_of(keys, keys, keys, others, st.integers(-2, 8).map(lambda to: ("go", to))), max_size=30)


@given(acts())
def test_whatever_is_pressed_the_session_stays_whole(acts):
    session = begin()
    for act, argument in acts:
        before = session.revision
        if act == "key":
            assert press(session, argument) == (session.revision > before)
        elif act == "go":
            session.go(argument)
        elif act == "write":
            write(session, [session.position])
        elif act == "remaining":
            write(session, session.remaining(session.position)[:2])
        else:
            position, all_done = session.position, all(frame.done for frame in session.frames)
            session = again(session)
            assert session.position == (0 if all_done else position)
        assert 0 <= session.position < len(NAMES)
        assert session.settings is not None
        for frame in session.frames:
            assert frame.settings is not None or not frame.done
            for key, value in asdict(frame.settings).items() if frame.settings else ():
                assert resolve(by_key(MERGE)[key], value, asdict(frame.settings)) == (value, [])


def test_a_session_from_a_mac_finds_its_frames_here():
    composed, decomposed = (unicodedata.normalize(form, "й.png") for form in ("NFC", "NFD"))
    before = begin([decomposed, "x.png"])
    before.change("erode_mask_modifier", 5)
    after = begin([composed, "x.png"])
    after.resume(before.as_json())
    assert after.current.name == composed
    assert after.settings.erode_mask_modifier == 5
