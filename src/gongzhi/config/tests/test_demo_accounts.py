from pathlib import Path

from gongzhi.config.demo import territory
from gongzhi.config.demo.accounts import ACCOUNTS


class TestGridWorkers:
    def test_of_every_community_have_a_login_that_both_readmes_name(self):
        workers = {account.area: account.username for account in ACCOUNTS if account.role == "grid_worker"}
        assert set(workers) == {community[0] for community in territory.YUNXI.communities}
        root = Path(__file__).resolve().parents[4]
        for name in ("README.md", "README.zh.md"):
            text = (root / name).read_text(encoding="utf-8")
            assert all(f"`{username}`" in text for username in workers.values()), name
