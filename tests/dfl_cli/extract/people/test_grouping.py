"""Who is who is decided on tracks; single faces that may be anybody stay unsure."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dfl_cli.extract.people.grouping import Part, group_parts, letters, mean_identity
from drawn_tracks import identity_of


def part(identity, count=1, moments=()):
    return Part(np.float64(identity), count, frozenset(moments))


def at(alike):
    """An identity whose scalar product with that of person 0 is `alike`."""
    return alike * identity_of(0) + np.sqrt(1 - alike**2) * identity_of(9)


def counts(grouping):
    return {person.name: person.count for person in grouping.people}


def test_people_are_named_by_how_often_they_are_seen():
    parts = [part(identity_of(2), 3), part(identity_of(0), 500), part(identity_of(1), 80), part(identity_of(0), 12)]
    found = group_parts(parts)
    assert counts(found) == {"A": 512, "B": 80, "C": 3}
    assert found.owners() == {0: "C", 1: "A", 2: "B", 3: "A"}


def test_a_track_decides_where_a_single_face_is_unsure():
    assert counts(group_parts([part(identity_of(0), 50), part(at(0.45), 10)])) == {"A": 60}
    alone = group_parts([part(identity_of(0), 50), part(at(0.45), 2)])
    assert counts(alone) == {"A": 50}
    assert alone.unsure == (1,)
    assert counts(group_parts([part(identity_of(0), 50), part(at(0.52), 2)])) == {"A": 52}
    assert counts(group_parts([part(identity_of(0), 50), part(at(0.35), 10)])) == {"A": 50, "B": 10}


def test_nobody_is_twice_in_one_frame():
    twins = [part(identity_of(0), 9, range(9)), part(at(0.9), 5, range(4, 9))]
    assert counts(group_parts(twins)) == {"A": 9, "B": 5}


def test_a_face_without_an_identity_is_unsure():
    found = group_parts([part(identity_of(0), 9), part(np.zeros(128), 2)])
    assert counts(found) == {"A": 9}
    assert found.unsure == (1,)
    assert group_parts([]).people == ()


def test_noisy_views_of_one_person_come_together():
    views = [part(identity_of(0, spread=0.7, seed=n), 6) for n in range(40)]  # pairs agree by about 2/3
    assert counts(group_parts(views)) == {"A": 240}


def test_a_crowd_is_told_apart():
    parts = [part(identity_of(who), 1 + who % 3) for who in range(100) for _ in range(3)]
    assert len(group_parts(parts).people) == 100


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 9), st.sets(st.integers(0, 9), max_size=3)), max_size=12))
def test_parts_are_never_lost_and_people_never_mixed(drawn_parts):
    parts = [
        part(identity_of(who, spread=0.5, seed=n), count, moments)
        for n, (who, count, moments) in enumerate(drawn_parts)
    ]
    found = group_parts(parts)
    held = [number for person in found.people for number in person.parts]
    assert sorted([*held, *found.unsure]) == list(range(len(parts)))
    for person in found.people:
        assert len({drawn_parts[number][0] for number in person.parts}) == 1
        moments = [moment for number in person.parts for moment in parts[number].moments]
        assert len(moments) == len(set(moments))
        assert person.count == sum(parts[number].count for number in person.parts)


def test_names_go_on_after_z():
    assert [letters(number) for number in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]


def test_the_mean_of_identities_has_length_one():
    mean = mean_identity([identity_of(0), identity_of(1)])
    assert np.isclose(np.linalg.norm(mean), 1)
    assert not mean_identity([]).any()
    assert not mean_identity([np.zeros(128)]).any()
