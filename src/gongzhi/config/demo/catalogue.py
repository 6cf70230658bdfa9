"""Categories, the responsibility list, organs and everyday texts of the demo towns. Data only.

Main classes follow the city-grid standard (GB/T 30428.2: components of public utilities, roads, appearance, greening;
occurrences of sanitation, construction, street order); the limits are the towns' own, as the standard leaves them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leaf:
    """A category with its line of the responsibility list and texts in which people raise it."""

    code: str
    main: str
    name: str
    name_en: str
    lead: str
    clause: str
    keywords: str
    texts: tuple[str, ...]
    limit: tuple[int, str] = (5, "working_days")
    sort: str = "occurrence"
    severity: int = 1
    for_public: bool = True
    restricted: bool = False
    basis: str = "《云溪小镇事项分类与办理时限规定》"


# code → (life, name, name_en)
MAINS: dict[str, tuple[str, str, str]] = {
    "H1": ("home", "公用设施", "Public utilities"),
    "H2": ("home", "道路交通", "Roads and traffic"),
    "H3": ("home", "市容环卫", "Street cleaning"),
    "H4": ("home", "街面秩序", "Street order"),
    "H5": ("home", "园林绿化", "Greening"),
    "H6": ("home", "民生服务", "Residents' services"),
    "W1": ("work", "安全生产", "Safety at work"),
    "W2": ("work", "园区服务", "Park services"),
    "W3": ("work", "市场秩序", "Market order"),
    "E1": ("eco", "水环境", "Water"),
    "E2": ("eco", "大气环境", "Air"),
    "E3": ("eco", "声环境", "Noise"),
    "E4": ("eco", "固体废物与土壤", "Solid waste and soil"),
}

LEAVES: tuple[Leaf, ...] = (
    Leaf("H101", "H1", "路灯不亮", "Street light out", "utilities", "A-101", "路灯 灯不亮 照明 黑", (
        "{place}的路灯连着三盏不亮，晚上走路看不清，希望尽快修好。", "{place}路灯一闪一闪的，孩子下晚自习害怕。",
        "{place}这一段路灯坏了快一周，老人散步差点摔倒。"),
        (3, "working_days"), "component"),
    Leaf("H102", "H1", "井盖破损缺失", "Manhole cover broken or missing", "utilities", "A-102", "井盖 窨井 下水道盖", (
        "{place}井盖塌了一半，电动车差点掉进去。", "{place}井盖松动，车一过咣当响，整夜睡不好。"), (4, "hours"), "component", 3),
    Leaf("H103", "H1", "供水漏水", "Water main leak", "water", "A-103", "漏水 水管 爆管 停水", (
        "{place}地面一直冒水，像是水管漏了。", "{place}水管漏水两天了，没人来看。"), (12, "hours"), "component", 2),
    Leaf("H104", "H1", "健身器材损坏", "Fitness equipment broken", "utilities", "A-104", "健身 器材 单杠 滑梯", (
        "{place}健身器材的踏板断了，露着铁皮，小孩玩很危险。",), (5, "working_days"), "component"),
    Leaf("H201", "H2", "路面破损", "Road surface damaged", "utilities", "A-201", "路面 坑 破损 塌陷 积水坑", (
        "{place}路面有个大坑，下雨积水看不见，今天又有人摔了。", "{place}人行道砖松动翘起，推婴儿车过不去。"), (5, "working_days"), "component"),
    Leaf("H202", "H2", "交通信号设施故障", "Traffic sign or signal fault", "utilities", "A-202", "红绿灯 信号灯 标志牌 护栏", (
        "{place}红绿灯不亮了，早高峰很乱。", "{place}护栏被撞歪了一截，伸到车道上。"), (8, "working_hours"), "component", 2),
    Leaf("H203", "H2", "违规停车占道", "Illegal parking", "enforcement", "A-203", "停车 占道 堵 消防通道 电动车", (
        "{place}消防通道被车堵死了，救护车进不来。", "{place}人行道停满电动车，只能走到马路上。", "{place}货车长期占着非机动车道。"), (2, "working_days")),
    Leaf("H301", "H3", "垃圾桶满溢", "Overflowing bin", "utilities", "A-301", "垃圾桶 满 溢 垃圾 臭", (
        "{place}垃圾桶满了两天没人收，味道很大，苍蝇很多。", "{place}垃圾桶满溢，垃圾堆到路上了。",
        "{place}垃圾没人清运，夏天臭得开不了窗。"), (1, "working_days"), "component"),
    Leaf("H302", "H3", "乱倒垃圾", "Fly-tipping", "enforcement", "A-302", "乱倒 建筑垃圾 渣土 乱扔", (
        "{place}有人半夜倒建筑垃圾，占了半条路。", "{place}空地上堆了很多旧家具，没人管。"), (3, "working_days")),
    Leaf("H303", "H3", "公厕保洁", "Public toilet", "utilities", "A-303", "公厕 厕所 卫生", (
        "{place}公厕没水，味道很重。", "{place}公厕灯坏了，扶手也松。"), (2, "working_days"), "component"),
    Leaf("H304", "H3", "小广告", "Posters and scribbles", "enforcement", "A-304", "小广告 涂写 张贴", (
        "{place}墙上贴满小广告，刚刷过又有了。",), (3, "working_days")),
    Leaf("H401", "H4", "占道经营", "Street vending in the way", "enforcement", "A-401", "摆摊 占道 流动摊 夜宵 油烟", (
        "{place}烧烤摊占了整个人行道，油烟往楼上飘。", "{place}每天傍晚摆摊，路都走不通。"), (2, "working_days")),
    Leaf("H402", "H4", "违法搭建", "Unlicensed building", "enforcement", "A-402", "违建 搭建 加层 阳光房", (
        "{place}顶楼在搭阳光房，白天夜里都在敲。",), (15, "working_days")),
    Leaf("H403", "H4", "犬只管理", "Dogs", "enforcement", "A-403", "狗 遛狗 犬 狗叫", (
        "{place}有人遛大狗不牵绳，孩子被吓哭了。", "{place}流浪狗成群，早上上学不敢走。"), (3, "working_days")),
    Leaf("H501", "H5", "绿化损坏枯死", "Damaged or dead plants", "utilities", "A-501", "绿化 树 枯 倒伏 修剪 草坪", (
        "{place}行道树枯了半边，风大时掉枝。", "{place}树枝挡住路灯和窗户，希望修剪。"), (5, "working_days"), "component"),
    Leaf("H601", "H6", "社区服务咨询", "Community services", "station-west", "A-601", "低保 养老 社保 咨询 证明 服务", (
        "想问{place}附近老年食堂几点开门，怎么办就餐卡。", "外地来务工，孩子上幼儿园要准备什么材料？"), (2, "working_days")),
    Leaf("H602", "H6", "邻里纠纷", "Neighbours' dispute", "station-west", "A-602", "邻居 纠纷 吵架 漏到楼下", (
        "楼上漏水到我家，谈了三次没结果，想请人来调解。",), (10, "working_days"), restricted=True),
    Leaf("W101", "W1", "消防隐患", "Fire hazard", "enforcement", "B-101", "消防 隐患 飞线 充电 灭火器", (
        "{place}车间门口堆满布料，消防栓被挡住。", "{place}楼道里飞线充电，电线都烧黑了。"), (1, "working_days"), severity=3),
    Leaf("W102", "W1", "危险作业", "Dangerous work", "enforcement", "B-102", "高空 吊装 动火 作业 无防护", (
        "{place}工人在屋顶作业没有系安全带。",), (4, "hours"), severity=3),
    Leaf("W201", "W2", "园区设施报修", "Park facilities", "operator", "B-201", "电梯 空调 门禁 园区 网络", (
        "{place}电梯停了半天，货上不去。", "{place}门禁坏了，员工排队进不来。"), (1, "working_days"), "component"),
    Leaf("W202", "W2", "企业用能用工诉求", "Firms' power and staff needs", "stewards", "B-202", "用电 用工 宿舍 招工 扩容", (
        "我们厂订单增加，申请用电扩容，不知道找谁。", "想给新员工申请人才公寓，请告知流程。"), (5, "working_days")),
    Leaf("W301", "W3", "食品安全", "Food safety", "enforcement", "B-301", "食品 过期 变质 餐饮 无证", (
        "{place}小店卖的面包过期了还在卖。",), (3, "working_days"), severity=2),
    Leaf("W302", "W3", "价格与消费纠纷", "Prices and consumers", "enforcement", "B-302", "退款 价格 消费 欺诈 预付卡", (
        "{place}健身房关门了，年卡钱不退。",), (10, "working_days")),
    Leaf("E101", "E1", "河道垃圾漂浮物", "Litter in the stream", "water", "C-101", "河道 漂浮 水葫芦 河 垃圾", (
        "{place}河面漂着很多泡沫和水草，有臭味。", "{place}河边有人钓鱼丢垃圾，顺水漂下来。"), (2, "working_days")),
    Leaf("E102", "E1", "污水直排", "Sewage discharge", "ecology", "C-102", "污水 排污 黑水 泡沫 直排", (
        "{place}有根管子往河里排红色的水。", "{place}雨水口往外冒污水，味道刺鼻。"), (1, "working_days"), severity=3),
    Leaf("E103", "E1", "废水超标", "Waste water beyond the limit", "ecology", "C-103", "COD 氨氮 超标 废水", (), (2, "working_days"), severity=3,
         for_public=False, basis="《纺织染整工业水污染物排放标准》GB 4287-2012"),
    Leaf("E105", "E1", "监测设备异常", "Monitoring device out of order", "ecology", "C-105", "监测 设备 失联 离线", (), (1, "working_days"), for_public=False),
    Leaf("E104", "E1", "水位预警", "High water", "water", "C-104", "水位 洪水 内涝", (), (4, "hours"), severity=3, for_public=False),
    Leaf("E201", "E2", "异味扰民", "Bad smell", "ecology", "C-201", "臭味 异味 气味 刺鼻 化工味", (
        "{place}晚上十点以后有染料的刺鼻味，窗户不敢开。", "{place}一股焦糊味，持续好几天了。"), (2, "working_days"), severity=2),
    Leaf("E202", "E2", "扬尘", "Construction dust", "ecology", "C-202", "扬尘 灰尘 工地 渣土车", (
        "{place}工地没有洒水，灰大得睁不开眼。", "{place}渣土车不盖篷布，一路撒。"), (1, "working_days")),
    Leaf("E203", "E2", "空气质量超标", "Air beyond the limit", "ecology", "C-203", "PM2.5 PM10 臭氧", (), (1, "working_days"), severity=2, for_public=False,
         basis="《环境空气质量标准》GB 3095-2012"),
    Leaf("E204", "E2", "露天焚烧", "Open burning", "enforcement", "C-204", "焚烧 烧秸秆 冒烟 烧垃圾", (
        "{place}有人在田里烧秸秆，烟飘过来咳得不行。",), (4, "hours"), severity=2),
    Leaf("E301", "E3", "施工噪声", "Construction noise", "enforcement", "C-301", "噪声 施工 夜间 打桩 吵", (
        "{place}工地凌晨两点还在浇混凝土，全楼睡不着。", "{place}周末一早就打桩，老人心脏受不了。"), (1, "working_days"), severity=2),
    Leaf("E302", "E3", "社会生活噪声", "Social noise", "enforcement", "C-302", "广场舞 音响 KTV 噪音", (
        "{place}广场舞音响太大，孩子写不了作业。", "{place}夜宵摊放音乐到十二点。"), (2, "working_days")),
    Leaf("E303", "E3", "厂界噪声超标", "Noise beyond the limit", "ecology", "C-303", "厂界噪声", (), (2, "working_days"), severity=2, for_public=False,
         basis="《工业企业厂界环境噪声排放标准》GB 12348-2008"),
    Leaf("E401", "E4", "危险废物", "Hazardous waste", "ecology", "C-401", "危废 废油 油漆桶 化学", (
        "{place}角落里堆着几个油漆桶，漏出黑色的东西。",), (1, "working_days"), severity=3),
)  # fmt: skip

# code, kind, name, name_en, area key, duty phone
ORGANS: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("committee", "committee", "云溪小镇管理委员会", "Yunxi Management Committee", "", "0571-8800 0000"),
    ("centre", "department", "指挥中心", "Command Centre", "", "0571-8800 0110"),
    ("supervision", "department", "监督评价科", "Supervision Office", "", "0571-8800 0120"),
    ("utilities", "department", "公用设施养护中心", "Utilities Maintenance", "", "0571-8800 0131"),
    ("enforcement", "department", "综合行政执法队", "City Enforcement", "", "0571-8800 0132"),
    ("ecology", "department", "生态环境站", "Ecology Station", "", "0571-8800 0133"),
    ("water", "department", "水务站", "Water Station", "", "0571-8800 0134"),
    ("station-west", "station", "溪西社区工作站", "Xixi Community Station", "west", "0571-8800 0201"),
    ("station-east", "station", "溪东社区工作站", "Xidong Community Station", "east", "0571-8800 0202"),
    ("station-old", "station", "古镇社区工作站", "Old Town Community Station", "old", "0571-8800 0203"),
    ("station-hill", "station", "青山社区工作站", "Qingshan Community Station", "hill", "0571-8800 0204"),
    ("station-mouth", "station", "河口社区工作站", "Hekou Community Station", "mouth", "0571-8800 0205"),
    ("station-school", "station", "文昌社区工作站", "Wenchang Community Station", "school", "0571-8800 0206"),
    ("station-park", "station", "数字园区工作站", "Digital Park Station", "park", "0571-8800 0207"),
    ("station-dye", "station", "织造园区工作站", "Weaving Park Station", "dye", "0571-8800 0208"),
    ("stewards", "stewards", "小镇管家团队", "Town Stewards", "", "0571-8800 0301"),
    ("operator", "operator", "云溪运营服务有限公司", "Yunxi Operating Co.", "", "0571-8800 0302"),
    ("council", "council", "云溪自治委员会", "Yunxi Council", "", ""),
    ("firm-dyeing", "enterprise", "云溪染整有限公司", "Yunxi Dyeing Co.", "dye", "0571-8800 0401"),
    ("firm-weaving", "enterprise", "锦程纺织有限公司", "Jincheng Textile Co.", "dye", "0571-8800 0402"),
    ("firm-plating", "enterprise", "溪南电镀有限公司", "Xinan Plating Co.", "dye", "0571-8800 0403"),
    ("firm-packaging", "enterprise", "云彩印刷包装有限公司", "Yuncai Packaging Co.", "park", "0571-8800 0404"),
    ("market", "department", "市场监管所", "Market Supervision", "", "0571-8800 0135"),
    ("affairs", "department", "社会事务办", "Social Affairs", "", "0571-8800 0136"),
    ("tax", "department", "便民财税服务点", "Tax and Finance Desk", "", "0571-8800 0137"),
    ("planning", "department", "规划建设办", "Planning and Building", "", "0571-8800 0138"),
    ("health", "department", "卫生健康站", "Health Station", "", "0571-8800 0139"),
)
LANWAN_ORGANS: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("committee", "committee", "兰湾小镇管理委员会", "Lanwan Management Committee", "", "0574-8600 0000"),
    ("centre", "department", "指挥中心", "Command Centre", "", "0574-8600 0110"),
    ("utilities", "department", "城乡建设科", "Works Office", "", "0574-8600 0131"),
    ("enforcement", "department", "综合行政执法队", "City Enforcement", "", "0574-8600 0132"),
    ("ecology", "department", "生态环境办", "Ecology Office", "", "0574-8600 0133"),
    ("station-west", "station", "渔港社区工作站", "Yugang Community Station", "west", "0574-8600 0201"),
    ("station-east", "station", "望海社区工作站", "Wanghai Community Station", "east", "0574-8600 0202"),
    ("station-park", "station", "临港园区工作站", "Lingang Park Station", "park", "0574-8600 0203"),
    ("firm-cold", "enterprise", "临港冷链有限公司", "Lingang Cold Chain Co.", "park", "0574-8600 0401"),
)

RESULTS: dict[str, tuple[str, ...]] = {
    "H1": ("已更换损坏部件并现场试用正常。", "已抢修完成，周边已清理，恢复使用。"),
    "H2": ("已修补路面并设置提示，车辆行人通行正常。", "已现场劝离违停车辆并加装隔离桩。"),
    "H3": ("已清运并冲洗地面，调整清运频次为每日两次。", "已清理干净并在现场张贴提示。"),
    "H4": ("已现场整治，责令当事人改正，后续每日巡查。", "已约谈当事人，签订承诺书。"),
    "H5": ("已修剪枯枝并补植。",),
    "H6": ("已电话答复并上门办理。", "已联系双方，当面说明办理方式。"),
    "W1": ("已下达整改通知书并现场复查，隐患消除。",),
    "W2": ("已联系维保单位修复，恢复运行。", "管家已上门对接，资料齐全后当日提交。"),
    "W3": ("已下架问题商品并立案调查。", "已组织调解，商家同意退款。"),
    "E1": ("已打捞清理并追查上游来源。", "已封堵排口，责令停排整改。"),
    "E2": ("已现场检查，要求夜间停止生产工序并加装收集装置。", "已督促洒水降尘、覆盖裸土。"),
    "E3": ("已责令停止夜间施工并公示施工时段。", "已协调调低音量，约定结束时间。"),
    "E4": ("已由有资质单位转运处置，现场取样检测。",),
}
CHECKS = ("现场查看，问题已解决，已拍照。", "到点核查，设施正常，周边整洁。", "已核实，当事居民表示满意。")
FAILED_CHECKS = ("现场仍未处理到位，请继续。", "部分解决，另一侧还有同样问题。")
RETURN_REASONS = ("现场查勘，该设施产权不属我单位，按清单应由养护单位负责。", "该路段尚未移交，请确认责任单位。")
PRAISE = ("处理得很快，谢谢！", "工作人员很耐心，第二天就修好了。", "")
COMPLAINTS = ("说修好了，第二天又坏了。", "等了很久没人联系我。")
