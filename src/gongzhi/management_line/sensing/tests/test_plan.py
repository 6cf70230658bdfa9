"""A plan reads as the careful way reads, or not at all."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.management_line.sensing.hj212 import Framer, Verdict, build, judge
from gongzhi.management_line.sensing.hj212.packet import PERIODS
from gongzhi.management_line.sensing.hj212.plan import key_of, plan_of

NUMBERS = st.one_of(
    st.integers(-9999, 99999).map(str), st.decimals(-999, 99999, places=3, allow_nan=False).map(str), st.sampled_from(["1e5", "abc", "", ".5", "5."])
)
SUBS = st.dictionaries(st.sampled_from(["Rtd", "Avg", "Min", "Max", "ZsAvg", "Cou"]), NUMBERS, min_size=1, max_size=3)
FLAGS = st.sampled_from([{}, {"Flag": "N"}, {"Flag": "D"}, {"Flag": "n"}, {"Flag": "x"}, {"EFlag": "A1"}])
SUBFIELDS = st.tuples(SUBS, FLAGS).map(lambda both: both[0] | both[1])
FACTORS = st.lists(st.tuples(st.sampled_from(["w01018", "w21003", "a34004", "B01", "烟尘"]), SUBFIELDS), max_size=4)


def read(raw):
    judged = judge(Framer().feed(raw)[0])
    return judged.packet if judged.verdict is Verdict.ACCEPT else None


def slowly(packet):
    names = {}
    period = packet.period
    for item in packet.items:
        mark = (item.flag[:1].upper() or "-").encode("ascii", "replace")
        for statistic, number in item.values.items():
            names.setdefault((item.factor, "rtd" if period == statistic == "rtd" else f"{period}.{statistic}"), (float(number), mark))
    return tuple(names), [value for value, _mark in names.values()], b"".join(mark for _value, mark in names.values())


@settings(max_examples=400, deadline=None)
@given(FACTORS, FACTORS, st.sampled_from([*PERIODS, "3020"]), st.sampled_from([4, 5, 9, None]), st.booleans())
def test_a_plan_reads_as_the_careful_way_reads_or_not_at_all(first, second, cn, flag, named):
    def made(factors, second_of):
        return build(mn="M1", cn=cn, qn=f"2026112412000{second_of}123" if named else "", data_time=f"2026112412000{second_of}", flag=flag, factors=factors)

    raw, other = made(first, 1), made(second, 2)
    packet = read(raw)
    plan = plan_of(raw[:-2], packet) if packet else None
    if plan is None:
        return
    for each, second_of in ((raw, 1), (other, 2)):
        found = plan.read(each[:-2])
        if each is raw:
            assert found is not None
        if found is None:
            continue
        names, values, marks = slowly(read(each))
        careful = {name: (value, marks[place]) for place, (name, value) in enumerate(zip(names, values, strict=True))}
        assert {name: (value, found[3][place]) for place, (name, value) in enumerate(zip(plan.names, found[2], strict=True))} == careful
        assert found[1] == f"2026112412000{second_of}".encode()
        assert key_of(each[:-2]) == key_of(raw[:-2])


@given(st.integers(0, 300), st.integers(0, 255))
def test_a_plan_takes_no_packet_that_was_changed_on_the_way(place, byte):
    factors = [("w01018", {"Rtd": 50.25, "Flag": "N"}), ("w01001", {"Rtd": 7.1})]
    raw = build(mn="M1", cn="2011", qn="20261124120001123", data_time="20261124120001", factors=factors)[:-2]
    plan = plan_of(raw, read(raw + b"\r\n"))
    place = 6 + place % (len(raw) - 6)  # the length before it has been compared when a plan is asked
    changed = raw[:place] + bytes([byte]) + raw[place + 1 :]
    found = plan.read(changed)
    if changed != raw and found is not None:
        packet = read(changed + b"\r\n")
        assert packet is not None
        assert slowly(packet)[1:] == (found[2], found[3])
