"""The verb ``customers import``: customer lists into the database."""

import argparse
import sys
from collections.abc import Iterator, Mapping

from app.adapters.crm.customer_lists import ListError, read_list
from app.adapters.db.customer_import import CustomerImport, ImportFailedError
from app.bootstrap.store import open_store
from app.domain.households.customer_row import (
    HEADINGS,
    Checked,
    CustomerRow,
    RowError,
    check_row,
    columns_of,
)
from app.language.knowledge.content import ContentError
from app.service.people.records import AuditEntry
from app.settings import Settings
from app.verbs import VerbError

AT_ONCE = 5000
SHOWN_FAULTS = 50
#: A title of one cell may stand above the headings, down to this line.
LAST_HEADINGS = 5


def customers(chosen: argparse.Namespace, settings: Settings) -> int:
    """Import a list, whole or not at all; faults are named with line and column."""
    store = open_store(settings)
    job = CustomerImport(store.engine)
    try:
        faults = _Import(chosen, job, settings.area_code).run()
        if faults:
            return 1
        if chosen.dry_run:
            print(f"dry run: {job.added} would be added, {job.changed} changed; nothing is written")
            return 0
        job.commit()
    except (ListError, ContentError, RowError, ImportFailedError) as error:
        raise VerbError(str(error)) from None
    finally:
        job.close()
    detail = f"{chosen.file.name}: {job.added} added, {job.changed} changed"
    with store.unit_of_work() as uow:
        uow.add(
            AuditEntry(
                at=store.clock.now(),
                who="cli",
                action="customers_imported",
                subject="",
                detail=detail,
            )
        )
        uow.commit()
    print(detail)
    return 0


class _Import:
    """One file into one job; faults are counted and the first ones printed."""

    def __init__(self, chosen: argparse.Namespace, job: CustomerImport, area_code: str) -> None:
        self._chosen, self._job, self._area_code = chosen, job, area_code
        self._seen: dict[str, int] = {}
        self._faults = self._lines = 0

    def run(self) -> int:
        """Import the file and return how many faults were found."""
        pending: list[CustomerRow] = []
        for number, checked in self._checked():
            self._lines += 1
            if checked.row is not None:
                self._place(number, checked, checked.row)
            for name, fault in checked.faults:
                self._tell(number, name, fault)
            if checked.row is not None and not checked.faults and not self._faults:
                pending.append(checked.row)
            if len(pending) >= AT_ONCE:
                self._job.write(pending)
                pending.clear()
                print(f"{self._lines} lines", file=sys.stderr)
        if pending and not self._faults:
            self._job.write(pending)
        if self._faults:
            print(
                f"{self._faults} faults in {self._lines} lines: nothing is imported",
                file=sys.stderr,
            )
        return self._faults

    def _checked(self) -> Iterator[tuple[int, Checked]]:
        lines = enumerate(read_list(self._chosen.file), 1)
        columns = self._columns(lines)
        for number, cells in lines:
            if any(cell.strip() for cell in cells):
                found = {name: cells[at] for name, at in columns.items() if at < len(cells)}
                yield number, check_row(found, self._area_code)

    def _columns(self, lines: Iterator[tuple[int, list[str]]]) -> dict[str, int]:
        """Where the fields are; the headings may stand below a title. Raises RowError."""
        fault: RowError | None = None
        for number, cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            try:
                return columns_of(cells, _mapping(self._chosen.map))
            except RowError as error:
                fault = fault or error
                if number >= LAST_HEADINGS or sum(bool(cell.strip()) for cell in cells) > 1:
                    break
        if fault is None:
            raise ListError(f"{self._chosen.file.name} is empty")
        raise fault

    def _place(self, number: int, checked: Checked, row: CustomerRow) -> None:
        """What only the whole list and the database can tell."""
        first = self._seen.setdefault(row.account_no, number)
        if first != number:
            checked.faults.append(("account_no", f"{row.account_no} is in line {first} already"))
        if row.plan not in self._job.plans:
            checked.faults.append(("plan", f"no plan {row.plan!r}"))
        if row.grid not in self._job.grids:
            if self._chosen.new_grids:
                self._job.add_grid(row.grid)
            else:
                checked.faults.append(("grid", f"no grid {row.grid!r} (--new-grids makes it)"))

    def _tell(self, number: int, name: str, fault: str) -> None:
        self._faults += 1
        if self._faults <= SHOWN_FAULTS:
            heading = HEADINGS.get(name, (name,))[0]
            print(f"line {number}, {heading}: {fault}", file=sys.stderr)
        elif self._faults == SHOWN_FAULTS + 1:
            print("… more", file=sys.stderr)


def _mapping(given: list[str]) -> Mapping[str, str]:
    """Parse ``FIELD=HEADING`` pairs. Raises RowError for one without an equals sign."""
    made = {}
    for pair in given:
        name, mark, heading = pair.partition("=")
        if not mark or name not in HEADINGS:
            raise RowError(
                f"--map {pair}: expected FIELD=HEADING, FIELD one of {', '.join(HEADINGS)}"
            )
        made[name] = heading
    return made
