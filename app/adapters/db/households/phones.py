"""Households by telephone number."""

from sqlalchemy import Select, select

from app.adapters.db.households.tables import customer_phones, customers
from app.domain.calls.phone_number import PhoneNumber
from app.service.households.records import Customer


def behind_phone(phone: PhoneNumber, area_code: str) -> Select[Customer]:
    """Households behind a number, however it was written in their books."""
    return (
        select(Customer)
        .join(customer_phones, customer_phones.c.customer_id == customers.c.id)
        .where(customer_phones.c.phone.in_(phone.spellings(area_code)))
        .distinct()
        .order_by(customers.c.id)
    )
