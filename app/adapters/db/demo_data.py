"""The demo: the fictional operator 山海广电 with customers, grids, plans, agents and technicians."""

import random
from datetime import date, timedelta

from sqlalchemy import Engine, select

from app.adapters.db import tables as t
from app.adapters.demo_lines import demo_line
from app.domain.queue.presence import Presence
from app.service.field.records import Grid
from app.service.households.records import Customer, CustomerPhone, Plan
from app.service.people.records import User
from app.service.ports import Clock, UnitOfWork
from app.service.queue.records import AgentPresence

PASSWORD = "demo1234"  # noqa: S105  printed at the start; the demo holds nobody's data
CUSTOMERS = 300
_ACCOUNT, _FIRST_ACCOUNT = "SH{:06d}", 600_000
_GRIDS = ("海滨网格", "山城网格", "新港网格", "老街网格", "学府网格", "湖东网格")
_ESTATES = (
    ("海景花园", "滨海小区", "金沙湾"),
    ("山城雅居", "翠屏苑", "云岭社区"),
    ("新港家园", "港湾国际", "船厂宿舍"),
    ("老街社区", "文庙里", "十字街小区"),
    ("学府名城", "书香苑", "教师新村"),
    ("湖东花园", "观澜小区", "幸福里"),
)
_PLANS = (
    ("tv-basic", "电视基础包", 2400, 0, 0, 0), ("tv-plus", "电视高清包", 3600, 0, 12, 30),
    ("tv-4k", "电视 4K 尊享", 5800, 0, 12, 30), ("elder", "长者套餐", 1800, 0, 0, 0),
    ("bb-100", "百兆宽带", 4900, 100, 12, 30), ("bb-300", "300 兆宽带", 6900, 300, 12, 30),
    ("fuse-100", "百兆融合", 5900, 100, 12, 30), ("fuse-300", "300 兆融合", 7900, 300, 24, 30),
    ("fuse-500", "500 兆融合", 9900, 500, 24, 30), ("fuse-1000", "千兆尊享", 15900, 1000, 24, 30),
    ("let-100", "租房百兆", 3900, 100, 6, 20), ("old-fuse", "老用户融合", 8800, 200, 12, 30),
)  # fmt: skip
_BOXES = ("SH-8100 标清", "SH-8600 高清", "SH-9200 4K", "SH-9800 4K 智能")
_SURNAMES = "陈林黄张李王吴刘蔡杨许郑谢郭洪曾邱廖赖徐"
_GIVEN = (
    "建国",
    "秀英",
    "志强",
    "丽华",
    "伟明",
    "桂芳",
    "海燕",
    "国栋",
    "美玲",
    "永福",
    "春梅",
    "家豪",
)
_AGENTS = (
    ("1001", "陈晓雯"), ("1002", "林志远"), ("1003", "黄丽娟"), ("1004", "吴凯"), ("1005", "许静"),
    ("1006", "郑伟"),
)  # fmt: skip
_TECHNICIANS = ("王海", "李山", "赵港", "孙街", "周学", "何湖")


def spoken_names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of plans and of estates, which the robot says."""
    return tuple(plan[1] for plan in _PLANS), tuple(name for grid in _ESTATES for name in grid)


def plan_prices() -> tuple[tuple[str, int, int], ...]:
    """Name, price a month in fen and months of contract of each plan of the demo."""
    return tuple((name, fen, months) for _, name, fen, _, months, _ in _PLANS)


def has_real_customers(engine: Engine) -> bool:
    """Whether there are households that neither the demo nor an agent at the desk wrote."""
    c = t.customers.c
    ours = c.account_no.between(
        _ACCOUNT.format(_FIRST_ACCOUNT), _ACCOUNT.format(_FIRST_ACCOUNT + CUSTOMERS - 1)
    )
    query = select(c.id).where(~ours, c.status != "prospect").limit(1)
    with engine.connect().execution_options(read_only=True) as connection:
        return connection.execute(query).first() is not None


def _plan(code: str, name: str, fen: int, mbps: int, months: int, percent: int) -> Plan:
    return Plan(
        code=code, name=name, monthly_fen=fen, download_mbps=mbps, contract_months=months,
        penalty_percent=percent,
    )  # fmt: skip


class Demo:
    """Writes everything in one transaction; ``hash_password`` makes what is stored."""

    def __init__(self, uow: UnitOfWork, clock: Clock, password_hash: str) -> None:
        self._uow = uow
        self._clock = clock
        self._password_hash = password_hash
        self._random = random.Random(20260101)

    def load(self) -> None:
        """Write all of the demo into an empty database."""
        self._people()
        grids = self._grids()
        for plan in _PLANS:
            self._uow.add(_plan(*plan))
        self._uow.flush()
        for index in range(CUSTOMERS):
            self._customer(index, grids)

    def _user(self, name: str, display: str, role: str, line: str = "") -> User:
        user = User(
            name=name, display_name=display, role=role, password_hash=self._password_hash, line=line
        )
        self._uow.add(user)
        self._uow.flush()
        return user

    def _people(self) -> None:
        for index, (name, display) in enumerate(_AGENTS):
            user = self._user(name, display, "agent", demo_line(index))
            assert user.id is not None  # noqa: S101  flushed
            now = self._clock.now()
            self._uow.add(AgentPresence(user_id=user.id, state=Presence.OFFLINE, since=now))
        self._user("super", "梁组长", "supervisor")
        self._user("manager", "冯主管", "manager")
        self._user("admin", "管理员", "administrator")

    def _grids(self) -> list[Grid]:
        grids = []
        for index, name in enumerate(_GRIDS):
            technician = self._user(f"tech{index + 1}", _TECHNICIANS[index], "technician")
            grid = Grid(name=name, technician_id=technician.id)
            self._uow.add(grid)
            grids.append(grid)
        self._uow.flush()
        return grids

    def _customer(self, index: int, grids: list[Grid]) -> None:
        pick = self._random
        at = index % len(grids)
        estate = pick.choice(_ESTATES[at])
        today = self._clock.local().date()
        since = today - timedelta(days=pick.randint(60, 4200))
        grid = grids[at]
        assert grid.id is not None  # noqa: S101  flushed
        address = f"{estate}{pick.randint(1, 20)}栋{pick.randint(1, 18)}0{pick.randint(1, 4)}"
        customer = Customer(
            name=pick.choice(_SURNAMES) + pick.choice(_GIVEN), account_no=_ACCOUNT.format(_FIRST_ACCOUNT + index), address=address, estate=estate,
            grid_id=grid.id, plan_code=self._plan(index), since=since, expires_on=self._expiry(today), box_model=pick.choice(_BOXES),
            smart_card=f"{pick.randint(10**9, 10**10 - 1)}", id_last4=f"{pick.randint(0, 9999):04d}",
            arrears_fen=pick.choice((0, 0, 0, 0, 2400, 5900)), points=pick.randint(0, 5000),
        )  # fmt: skip
        if index < 10:
            # the customers of the simulator's stories: long in use, nothing owed
            customer.since, customer.arrears_fen = today - timedelta(days=1900 + index), 0
        self._uow.add(customer)
        self._uow.flush()
        assert customer.id is not None  # noqa: S101  flushed
        self._uow.add(CustomerPhone(phone=f"138{index + 1:08d}", customer_id=customer.id))

    def _plan(self, index: int) -> str:
        return "old-fuse" if index < 3 else str(self._random.choice(_PLANS)[0])

    def _expiry(self, today: date) -> date:
        return today + timedelta(days=self._random.randint(-60, 700))
