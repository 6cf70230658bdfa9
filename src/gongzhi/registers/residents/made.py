"""A made population: believable, and of nobody. Pure: the same number and seed give the same people on every machine.

Streets with houses and estates with flats lie round a centre. Each household is one of some kinds (a couple with children, three generations,
an old person alone, tenants who share, a dormitory room); ages of its members fit together. Some have moved here from elsewhere, some moved
within the town, some moved away, some died. Numbers carry right check digits and a division code of 339000 to 339999, which no division has;
which one follows from the seed, so that people of two seeds are not taken for each other.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from gongzhi.registers.residents.numbers import check_digit

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)  # fmt: skip
WEIGHTS = [max(1, 100 - place) ** 2 for place in range(len(SURNAMES))]
MEN = "伟强磊军勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯俊健建国志文海峰龙林亮东成新春生永富贵福根水法泉兴荣"
WOMEN = "芳娜敏静丽艳娟霞秀燕玲桂英华慧红梅莉萍玉兰珍凤云洁琳雪婷倩琴香月莲素文春花美菊翠巧仙珠妹娣"
YOUNG = "梓轩宇涵浩然欣怡子涵一诺雨桐思远若溪沐阳语嫣博文奕辰可馨嘉懿亦菲书瑶景行知夏清和"
STREETS = ("文昌路", "河滨路", "云溪大道", "桥西街", "织造路", "青山路", "学士路", "临溪路", "创新路", "古镇南街", "桂花巷", "石桥弄", "渔市街", "水塔路")
ESTATES = ("溪西花苑", "临溪佳园", "青山里", "河口新村", "文昌雅居", "桂花园", "云锦苑", "学府里")
ORIGINS = (
    "河南省周口市", "安徽省阜阳市", "江西省上饶市",
    "贵州省毕节市", "四川省南充市", "湖北省黄冈市", "湖南省邵阳市", "云南省昭通市", "浙江省丽水市", "江苏省盐城市",
)  # fmt: skip
HEADS = (
    "姓名", "证件类型", "证件号码", "性别", "出生日期", "国籍", "民族", "人口类型", "联系电话", "户籍地址", "户号", "与户主关系", "现住址",
    "房屋性质", "经度", "纬度", "入住日期", "迁出日期", "死亡日期",
)  # fmt: skip
FIRST_DIVISION, DIVISION = 339_000, "339999"
METRES = 111_195.0


@dataclass(slots=True)
class Person:
    """Somebody who does not exist."""

    name: str
    sex: str
    birth: date
    number: str
    relation: str
    standing: str = "户籍"
    origin: str = ""
    phone: str = ""
    document: str = "居民身份证"
    nationality: str = ""
    ethnicity: str = "汉族"
    since: date | None = None
    left_on: date | None = None
    died_on: date | None = None


@dataclass(slots=True)
class Home:
    """A dwelling with the household that lives in it."""

    address: str
    longitude: float
    latitude: float
    tenure: str
    household: str
    people: list[Person] = field(default_factory=list)


class _Made:
    def __init__(self, seed: int, today: date, centre: tuple[float, float], radius: float) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - chance that is the same on every machine
        self.today, self.centre, self.radius = today, centre, radius
        self.series = seed % 997
        self.sequences: dict[tuple[date, str], int] = {}
        self.streets = [(name, *self._spot(0.85), self.chance.uniform(0, math.pi)) for name in STREETS]
        self.estates = [(name, *self._spot(0.8)) for name in ESTATES]
        self.homes = 0

    def _spot(self, reach: float) -> tuple[float, float]:
        angle, far = self.chance.uniform(0, math.tau), self.radius * reach * math.sqrt(self.chance.random())
        return far * math.cos(angle), far * math.sin(angle)

    def _degrees(self, east: float, north: float) -> tuple[float, float]:
        longitude, latitude = self.centre
        return round(longitude + east / METRES / math.cos(math.radians(latitude)), 6), round(latitude + north / METRES, 6)

    def home(self, tenure: str) -> Home:
        """Return another dwelling: a flat of an estate, or a house on a street."""
        self.homes += 1
        place = self.homes
        if tenure != "宿舍" and self.chance.random() < 0.62:
            name, east, north = self.estates[place % len(self.estates)]
            flat = place // len(self.estates)
            building, unit, floor, door = flat // 48 + 1, flat // 24 % 2 + 1, flat // 2 % 12 + 1, flat % 2 + 1
            step = building - 1
            longitude, latitude = self._degrees(east + step % 6 * 38 + self.chance.uniform(-6, 6), north + step // 6 * 46 + self.chance.uniform(-6, 6))
            return Home(f"{name}{building}幢{unit}单元{floor}{door:02d}室", longitude, latitude, tenure, f"H{self.series:03d}-{place:06d}")
        name, east, north, angle = self.streets[place % len(self.streets)]
        house = place // len(self.streets) + 1
        along = ((house // 2) * 11.0) % (self.radius * 1.1) - self.radius * 0.35
        side = 14.0 if house % 2 else -14.0
        x, y = east + along * math.cos(angle) - side * math.sin(angle), north + along * math.sin(angle) + side * math.cos(angle)
        if (far := math.hypot(x, y)) > self.radius:
            x, y = x * self.radius / far * 0.97, y * self.radius / far * 0.97
        longitude, latitude = self._degrees(x, y)
        return Home(f"{name}{house}号" + ("宿舍楼" if tenure == "宿舍" else ""), longitude, latitude, tenure, f"H{self.series:03d}-{place:06d}")

    def born(self, age: float) -> date:
        """Return a birth about so many years ago."""
        days = int(age * 365.25) + self.chance.randrange(365)
        return max(date(1915, 1, 1), self.today - timedelta(days=min(days, 40_000)))

    def person(self, age: float, sex: str, relation: str, surname: str = "") -> Person:
        """Return somebody of about an age."""
        birth = self.born(age)
        surname = surname or self.chance.choices(SURNAMES, WEIGHTS)[0]
        letters = YOUNG if age < 22 and self.chance.random() < 0.7 else MEN if sex == "男" else WOMEN
        given = "".join(self.chance.choice(letters) for _place in range(1 if self.chance.random() < 0.25 else 2))
        order = self.sequences.get((birth, sex), -1) + 1
        self.sequences[birth, sex] = order
        sequence = 2 * (order % 500) + (1 if sex == "男" else 0)
        seventeen = f"{FIRST_DIVISION + (self.series + order // 500) % 998}{birth:%Y%m%d}{sequence:03d}"
        person = Person(surname + given, sex, birth, seventeen + check_digit(seventeen), relation)
        if 10 <= age <= 88 and self.chance.random() < 0.93:
            person.phone = self.chance.choice(("138", "139", "150", "159", "177", "186", "188")) + f"{self.chance.randrange(10**8):08d}"
        if self.chance.random() < 0.02:
            person.ethnicity = self.chance.choice(("畲族", "苗族", "回族", "土家族", "布依族", "壮族"))
        return person

    # ---- households ---------------------------------------------------------------------------------------------
    def couple(self, age: float, tenure: str = "自住") -> Home:
        """Return a couple, with children of an age that fits."""
        home = self.home(tenure)
        man, woman = self.person(age, "男", "户主"), self.person(age - self.chance.uniform(-3, 5), "女", "配偶")
        home.people = [man, woman]
        if age > 25 and self.chance.random() < 0.82:
            for number in range(1 if self.chance.random() < 0.7 else 2):
                child = age - self.chance.uniform(23, 31) - number * 3
                if 0 <= child < 26:
                    sex = self.chance.choice("男女")
                    home.people.append(self.person(child, sex, "子" if sex == "男" else "女", man.name[0]))
        return home

    def generations(self, age: float) -> Home:
        """Return three generations under one roof."""
        home = self.couple(age)
        man = home.people[0]
        if self.chance.random() < 0.8:
            home.people.append(self.person(age + self.chance.uniform(23, 29), "男", "父亲", man.name[0]))
        home.people.append(self.person(age + self.chance.uniform(22, 27), "女", "母亲"))
        return home

    def alone(self, age: float) -> Home:
        """Return somebody who lives alone."""
        home = self.home("自住")
        home.people = [self.person(age, self.chance.choice("男女" if age < 70 else "男女女"), "户主")]
        return home

    def sharing(self, count: int, tenure: str) -> Home:
        """Return people from elsewhere who share rooms."""
        home = self.home(tenure)
        home.people = [self.person(self.chance.uniform(18, 48), self.chance.choice("男女"), "非亲属" if place else "户主") for place in range(count)]
        return home

    def households(self) -> Iterator[Home]:
        """Yield households without end."""
        while True:
            dice = self.chance.random()
            if dice < 0.40:
                home = self.couple(min(88.0, max(23.0, self.chance.gauss(44, 13))))
            elif dice < 0.56:
                home = self.generations(self.chance.uniform(30, 52))
            elif dice < 0.68:
                home = self.alone(self.chance.uniform(62, 93))
            elif dice < 0.76:
                home = self.alone(self.chance.uniform(22, 58))
            elif dice < 0.88:
                home = self.couple(self.chance.uniform(24, 45), "出租")
            elif dice < 0.96:
                home = self.sharing(self.chance.randint(2, 4), "出租")
            else:
                home = self.sharing(self.chance.randint(4, 8), "宿舍")
            self._lives(home)
            yield home

    def _lives(self, home: Home) -> None:
        """Say since when they live there, from where they came, and who died or moved away."""
        from_elsewhere = home.tenure != "自住"
        oldest = min(person.birth for person in home.people)
        most = (self.today - max(oldest, date(1960, 1, 1))).days
        since = self.today - timedelta(days=int((self.chance.random() ** 2) * min(most, 3_000 if from_elsewhere else 12_000)))
        origin = self.chance.choice(ORIGINS)
        for person in home.people:
            person.since = max(since, person.birth)
            if from_elsewhere:
                person.standing, person.origin = "流动", origin if home.tenure != "宿舍" else self.chance.choice(ORIGINS)
                person.since = max(person.birth, since + timedelta(days=self.chance.randrange(120))) if home.tenure == "宿舍" else person.since
                person.since = min(person.since, self.today)
            age = (self.today - person.birth).days / 365.25
            lived = (self.today - person.since).days
            if age > 70 and lived > 400 and self.chance.random() < (age - 68) * 0.01:
                person.died_on = self.today - timedelta(days=self.chance.randrange(lived // 2 + 1))
            elif from_elsewhere and lived > 200 and self.chance.random() < 0.05:
                person.left_on = self.today - timedelta(days=self.chance.randrange(lived // 2))
            elif self.chance.random() < 0.004 and age > 20:
                self._foreigner(person)

    def _foreigner(self, person: Person) -> None:
        person.document, person.standing, person.ethnicity, person.origin = "护照", "境外", "", ""
        person.nationality = self.chance.choice(("KOR", "JPN", "USA", "VNM", "DEU"))
        person.number = f"{self.chance.choice('MTKEPC')}{self.chance.randrange(10**8):08d}"
        person.name = self.chance.choice(("Kim Jisoo", "Tanaka Yuki", "Anna Schmidt", "Nguyen Lan", "James Miller", "Park Minho", "Maria Weber"))


def people(count: int, seed: int, today: date, centre: tuple[float, float] = (120.02, 30.28), radius: float = 2_300.0) -> Iterator[tuple[str, ...]]:
    """Yield so many people as rows under HEADS; some have two, the home before and the present one, the earlier first."""
    made = _Made(seed, today, centre, radius)
    left = count
    earlier: list[Home] = []
    for home in made.households():
        if not left:
            return
        before = earlier.pop(0) if earlier and made.chance.random() < 0.05 else None
        for person in home.people[:left]:
            if before is not None and person.since is not None and (person.since - person.birth).days > 2_000 and person.document == "居民身份证":
                first = max(person.birth, person.since - timedelta(days=made.chance.randrange(300, 2_000)))
                yield _row(person, Home(before.address, before.longitude, before.latitude, before.tenure, ""), since=first, is_earlier=True)
            yield _row(person, home)
        left -= len(home.people[:left])
        if made.chance.random() < 0.1:
            earlier.append(made.home("自住"))


def _row(person: Person, home: Home, since: date | None = None, is_earlier: bool = False) -> tuple[str, ...]:
    def day(value: date | None) -> str:
        return value.isoformat() if value is not None else ""

    return (
        person.name, person.document, person.number, person.sex, day(person.birth), person.nationality, person.ethnicity, person.standing, person.phone,
        person.origin, home.household, "" if is_earlier else person.relation, home.address, home.tenure, f"{home.longitude:.6f}", f"{home.latitude:.6f}",
        day(since or person.since), "" if is_earlier else day(person.left_on), "" if is_earlier else day(person.died_on),
    )  # fmt: skip


MAPPING = {
    "fields": {
        "name": "姓名", "document": "证件类型", "number": "证件号码", "sex": "性别", "birth": "出生日期", "nationality": "国籍", "ethnicity": "民族",
        "standing": "人口类型", "phone": "联系电话", "origin": "户籍地址", "household": "户号", "relation": "与户主关系", "address": "现住址",
        "tenure": "房屋性质",
        "longitude": "经度", "latitude": "纬度", "since": "入住日期", "left_on": "迁出日期", "died_on": "死亡日期",
    },
    "source": "自造人口（演示）", "basis": "《居住证暂行条例》第五条",
}  # fmt: skip
