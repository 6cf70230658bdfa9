"""Papers of the demo town: a resident's, a firm's, one suspended, one revoked."""

from datetime import datetime, timedelta
from typing import Any

from gongzhi.foundation.papers import holders
from gongzhi.foundation.papers import operations as papers
from gongzhi.kernel.actors import Actor


def papers_of_yunxi(*, by: Actor, now: datetime, organs: dict[str, Any], person_id: int, name: str) -> None:
    """Give out some papers of the last weeks."""
    centre = organs["centre"].pk
    resident = holders.person(person_id, name)
    day = now.date()
    papers.issue_paper(
        by=by, at=now - timedelta(days=20), sort="certificate", title="居住登记证明", holder=resident, organ_id=centre, valid_until=day + timedelta(days=345),
        data={"facts": [["姓名", name], ["居住地址", "云溪小镇溪东社区"], ["登记日期", "2026年3月2日"]], "body": ["兹证明上述人员已在本镇办理居住登记。"]},
    )  # fmt: skip
    papers.issue_paper(
        by=by, at=now - timedelta(days=12), sort="receipt", title="材料收件回执", holder=resident, organ_id=centre,
        data={"body": ["您提交的材料已收到，收到之日起计算办理期限。"], "materials": [["申请表", "1", "原件"], ["身份证复印件", "1", "复印件"]]},
    )  # fmt: skip
    suspended = papers.issue_paper(
        by=by, at=now - timedelta(days=9), sort="decision", title="临时占道许可决定", holder=resident, organ_id=centre, valid_until=day + timedelta(days=20),
        data={
            "facts": [["占道位置", "溪东路 18 号门前"], ["占道面积", "6 平方米"]], "body": ["经审查，同意您的临时占道申请。请保持通道畅通，期满恢复原状。"],
            "basis": ["《城市道路管理条例》第三十一条"], "remedy": "如不服本决定，可在收到之日起六十日内申请行政复议，或者在六个月内提起行政诉讼。",
        },
    )  # fmt: skip
    papers.suspend_paper(by=by, at=now - timedelta(days=2), paper_id=suspended.pk, reason="道路抢修期间暂停使用")
    revoked = papers.issue_paper(
        by=by, at=now - timedelta(days=8), sort="certificate", title="临时摊位备案证明", holder=holders.named("赵明"), organ_id=centre,
        data={"facts": [["经营者", "赵明"], ["摊位", "集市东区 7 号"]]},
    )  # fmt: skip
    papers.revoke_paper(by=by, at=now - timedelta(days=1), paper_id=revoked.pk, reason="经营者申请注销")
