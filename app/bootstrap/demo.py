"""The demo: where it may be, and its people in an empty database."""

import logging

from app.adapters.db.demo_data import PASSWORD, Demo, has_real_customers
from app.bootstrap.demo_rules import demo_fault
from app.bootstrap.store import StartError, Store
from app.service.people.passwords import hash_password
from app.service.people.records import User
from app.settings import Settings

log = logging.getLogger(__name__)


def load_demo(store: Store) -> bool:
    """Write the demo's people and customers into an empty database."""
    if has_real_customers(store.engine):
        return False
    with store.unit_of_work() as uow:
        if uow.find(User):
            return False
        Demo(uow, store.clock, hash_password(PASSWORD)).load()
        uow.commit()
    return True


def is_demo(settings: Settings, store: Store) -> bool:
    """Whether the demo's people may log in: where it is wanted, and never beside real customers.

    Raises StartError on an address that others reach, unless the demo is said to be open.
    """
    fault = demo_fault(settings)
    if fault:
        raise StartError(fault)
    if settings.demo and has_real_customers(store.engine):
        log.warning("there are real customers: the demo's log-ins (password demo1234) are refused")
        return False
    return settings.demo


def start_demo(settings: Settings, store: Store) -> bool:
    """Load the demo where it is wanted and may be. Raises StartError."""
    wanted = is_demo(settings, store)
    if wanted:
        load_demo(store)
    return wanted
