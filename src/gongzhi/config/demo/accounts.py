"""Demo log-ins, one for each role. The password is printed by ./gongzhi demo and never set anywhere else."""

from dataclasses import dataclass

PASSWORD = "gongzhi-demo-2026"


@dataclass(frozen=True, slots=True)
class Account:
    """A log-in of the first demo town: whose it is, where and as what they serve ("" = no post)."""

    username: str
    zh: str
    en: str
    name: str
    public_name: str
    organ: str = ""
    role: str = ""
    area: str = ""
    kind: str = "staff"


ACCOUNTS: tuple[Account, ...] = (
    Account("dispatcher", "指挥中心 调度员", "dispatcher at the command centre", "周岚", "调度岗 01", "centre", "dispatcher"),
    Account("supervisor", "指挥中心 监督员", "supervisor", "郑启明", "监督岗 01", "supervision", "supervisor"),
    Account("committee", "管委会成员", "member of the management committee", "沈国平", "管委会 02", "committee", "committee_member"),
    Account("utilities", "公用设施养护中心 经办", "officer, utilities maintenance", "陈建军", "经办岗 03", "utilities", "department_officer"),
    Account("enforcement", "综合行政执法队 经办", "officer, city enforcement", "马晓东", "经办岗 05", "enforcement", "department_officer"),
    Account("ecology", "生态环境站 经办", "officer, ecology station", "林若溪", "经办岗 07", "ecology", "department_officer"),
    Account("water", "水务站 经办", "officer, water station", "何志远", "经办岗 08", "water", "department_officer"),
    Account("market", "市场监管所 经办", "officer, market supervision", "唐敏", "审查岗 01", "market", "department_officer"),
    Account("planning", "规划建设办 经办", "officer, planning and building", "罗毅", "审查岗 02", "planning", "department_officer"),
    Account("station", "溪西社区工作站 经办", "officer, Xixi community station", "钱丽华", "社区岗 01", "station-west", "station_officer", "west"),
    Account("grid", "网格员（溪西社区）", "grid worker, Xixi community", "吴小满", "网格岗 04", "station-west", "grid_worker", "west"),
    Account("grid2", "网格员（溪东社区）", "grid worker, Xidong community", "徐海波", "网格岗 11", "station-east", "grid_worker", "east"),
    Account("grid3", "网格员（数字园区）", "grid worker, Digital Park", "苏航", "网格岗 18", "station-park", "grid_worker", "park"),
    Account("grid4", "网格员（古镇社区）", "grid worker, Old Town community", "杨春燕", "网格岗 05", "station-old", "grid_worker", "old"),
    Account("grid5", "网格员（青山社区）", "grid worker, Qingshan community", "郭立新", "网格岗 07", "station-hill", "grid_worker", "hill"),
    Account("grid6", "网格员（河口社区）", "grid worker, Hekou community", "江水生", "网格岗 12", "station-mouth", "grid_worker", "mouth"),
    Account("grid7", "网格员（文昌社区）", "grid worker, Wenchang community", "宋文静", "网格岗 14", "station-school", "grid_worker", "school"),
    Account("grid8", "网格员（织造园区）", "grid worker, Weaving Park", "潘志强", "网格岗 16", "station-dye", "grid_worker", "dye"),
    Account("registrar", "便民服务中心 人口登记岗", "registrar of residents and firms", "章慧", "登记岗 01", "centre", "station_officer"),
    Account("steward", "小镇管家", "town steward", "方婷", "管家 02", "stewards", "steward"),
    Account("operator", "运营服务商", "operator's staff", "孙毅", "运营岗 01", "operator", "operator_staff"),
    Account("council", "自治委员会委员", "council member", "金阿姨", "委员 03", "council", "council_member"),
    Account(
        "enterprise", "企业联系人（云溪染整）", "enterprise contact, Yunxi Dyeing", "卢文", "企业联系人", "firm-dyeing", "enterprise_contact", "", "enterprise"
    ),
    Account("resident", "居民", "resident", "王秀兰", "王**", kind="resident"),
    Account("resident2", "居民", "resident", "李志强", "李**", kind="resident"),
    Account("auditor", "审计", "auditor", "顾平", "审计岗 01", "supervision", "auditor"),
    Account("admin", "系统管理员", "administrator", "程立", "系统岗 01", "centre", "administrator"),
)  # fmt: skip
