from pathlib import Path

import pytest

from gongzhi.cases import procedure as procedures
from gongzhi.cases.tests.factories import PROCEDURE
from gongzhi.evaluation.conformance import deviations

REPORT = Path(procedures.__file__).parents[1] / "management_line/reports/procedures/report.yaml"


@pytest.fixture(scope="module")
def definition():
    return procedures.parse(procedures.read(PROCEDURE.read_text(encoding="utf-8")))


class TestDeviations:
    @pytest.mark.parametrize(
        "way",
        [
            "open assign accept answer verify_pass close",
            "open assign accept suspend resume answer verify_fail answer verify_pass close",
            "open assign return assign accept answer close_unverified",
            "open assign return return_unknown_to_all settle answer verify_pass close reopen assign answer verify_pass close",
            "open reject",
            "open assign assign accept",
            "open assign take_back assign",
            "open",
        ],
    )
    def test_none_where_a_case_goes_the_ways_that_its_procedure_names(self, definition, way):
        assert deviations(definition, way.split()) == []

    def test_names_the_stage_and_the_act(self, definition):
        assert deviations(definition, ["open", "assign", "accept", "verify_pass", "close"]) == [("handle", "verify_pass")]
        assert deviations(definition, ["open", "answer", "verify_pass", "close"]) == [("dispatch", "answer")]

    def test_goes_on_from_where_the_act_leads_so_that_one_slip_is_one(self, definition):
        assert len(deviations(definition, ["open", "assign", "close"])) == 1

    def test_an_act_after_the_end_is_one(self, definition):
        assert deviations(definition, ["open", "reject", "answer"]) == [("end", "answer")]
