from headroom.compressors import Sample
from headroom.policy import BALANCED, SAFE
from headroom.router import Router


class Fixed:
    def __init__(self, name, score):
        self.name, self.fixed = name, score

    def score(self, sample):
        return self.fixed

    def compress(self, sample, policy):
        return None


def test_the_surest_goes_first_and_the_unable_are_left_out():
    router = Router([Fixed("a", 0.2), Fixed("b", -1), Fixed("c", 0.9), Fixed("d", 0.2)])
    assert [able.name for able in router.ranked(Sample("text"), BALANCED)] == ["c", "a", "d"]


class Hopeful(Fixed):
    def __init__(self, name, score, surest, asked):
        super().__init__(name, score)
        self.surest, self.asked = surest, asked

    def score(self, sample):
        self.asked.append(self.name)
        return self.fixed


def test_one_that_cannot_be_surer_is_asked_only_when_the_surest_had_its_try():
    asked = []
    known = [("a", 0.5, 0.9), ("b", 0.9, 0.95), ("c", 0.9, 0.9), ("d", 0.2, 1.0)]
    ranked = Router([Hopeful(*each, asked) for each in known]).ranked(Sample("text"), BALANCED)
    assert (next(ranked).name, asked) == ("b", ["d", "b", "a"])
    assert [able.name for able in ranked] == ["c", "a", "d"]


def test_one_that_sees_that_it_would_come_to_nothing_is_not_scored():
    class Omitting(Hopeful):
        def may_gain(self, sample, policy):
            return policy.omit and len(sample.text) > 4

    asked = []
    router = Router([Omitting("a", 0.9, 1.0, asked), Hopeful("b", 0.5, 1.0, asked)])
    assert [able.name for able in router.ranked(Sample("a text"), BALANCED)] == ["a", "b"]
    asked.clear()
    assert [able.name for able in router.ranked(Sample("a text"), SAFE)] == ["b"]
    assert [able.name for able in router.ranked(Sample("text"), BALANCED)] == ["b"]
    assert asked == ["b", "b"]


def test_a_compressor_is_sure_where_it_has_hardly_a_doubt():
    assert Router([Fixed("a", 0.2), Fixed("b", 0.95)]).is_sure(Sample("text"))
    assert not Router([Fixed("a", 0.2), Fixed("b", 0.6)]).is_sure(Sample("text"))
