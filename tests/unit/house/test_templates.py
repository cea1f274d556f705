"""Every template is in shape and compiles; the check that says so finds what is not."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType

import pytest

from app.settings import ROOT
from app.web.render import _environment


def _check() -> ModuleType:
    loader = SourceFileLoader("check_templates", str(ROOT / "scripts" / "check_templates"))
    spec = spec_from_loader("check_templates", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


TEMPLATES = sorted((ROOT / "app" / "web").rglob("templates/**/*.html"))


def test_every_template_is_in_shape_and_compiles() -> None:
    check = _check()
    assert len(TEMPLATES) > 40
    for path in TEMPLATES:
        assert list(check.faults(path.read_text())) == [], path
    for name in _environment.list_templates():
        _environment.get_template(name)


@pytest.mark.parametrize(("text", "line", "what"), [
    ("<p>" + "x" * 140 + "</p>", 1, "at most 140"), ("<p>\n\t</p>", 2, "tab"), ("<p>x \n</p>", 1, "blanks at its end"), ("<p>\n   x</p>", 2, "odd"),
    ("<div>\n  {% if a %}\n    x\n</div>\n  {% endif %}", 4, "if (line 2) is open"), ("<div>\n  <form>\n  </div>", 3, "form (line 2) is open"),
    ("{% if a %}\n  {% else %}\n{% endif %}", 2, "else is indented by 2"), ("<ul>\n  </ul>", 2, "closed at 2, opened at 0"),
    ("{% for a in b %}\n", 1, "not closed"), ("{% else %}", 1, "belongs to nothing")])
def test_what_is_out_of_shape_is_found(text: str, line: int, what: str) -> None:
    found = list(_check().faults(text))
    assert any(number == line and what in why for number, why in found), found


def test_blocks_on_one_line_need_no_depth() -> None:
    assert list(_check().faults("<div>{% if a %}<ul>{% endif %}{% if a %}</ul>{% endif %}</div>")) != []
    assert list(_check().faults("<tr>{% for a in b %}<td>{% if a %}x{% else %}y{% endif %}</td>{% endfor %}</tr>\n")) == []
