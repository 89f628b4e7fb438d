"""The ribbon's XML, generated from the list of actions.

Source of the rules: Microsoft's customUI14 schema (namespace 2009/07): names, attribute
order free, key tips of one to three characters, texts up to 1,024 characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from xlplan.addin import macros
from xlplan.addin.package import attribute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

RIBBON_NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
TAB_LABEL, TAB_KEYTIP = "经营计划", "JY"


class RibbonAction(Protocol):
    """What the ribbon needs to know of an action.

    Attributes:
        name: Word that ``xlplan.ribbon.run`` takes; lower-case letters and underscores.
        label: Button text, at most 8 characters on a large button.
        group: Label of its group; groups appear in the order of their first action.
        icon: An ``imageMso`` name out of ``ICONS``.
        keytip: Capitals to press after the tab's; no one may begin another.
        help: One line, shown bold above the supertip.
        supertip: What is written and what is kept.
        enabled_when: ``always``, ``plan_book``, ``plan_view`` (a read-only plan book will do)
            or the rest of a hidden name in the book: ``has_actuals`` → ``xlplan_has_actuals``.
        size: ``large`` or ``normal``.
        ribbon: False keeps the action out of the ribbon.
    """

    @property
    def name(self) -> str: ...  # noqa: D102  # described above
    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def group(self) -> str: ...  # noqa: D102
    @property
    def icon(self) -> str: ...  # noqa: D102
    @property
    def keytip(self) -> str: ...  # noqa: D102
    @property
    def help(self) -> str: ...  # noqa: D102
    @property
    def supertip(self) -> str: ...  # noqa: D102
    @property
    def enabled_when(self) -> str: ...  # noqa: D102
    @property
    def size(self) -> str: ...  # noqa: D102
    @property
    def ribbon(self) -> bool: ...  # noqa: D102


def _element(tag: str, attributes: dict[str, str]) -> str:
    return f"<{tag} " + " ".join(f"{key}={attribute(text)}" for key, text in attributes.items())


def _button(action: RibbonAction) -> str:
    return _element(
        "button",
        {
            "id": f"xlplan_{action.name}",
            "label": action.label,
            "size": action.size,
            "imageMso": action.icon,
            "keytip": action.keytip,
            "tag": f"{action.name} {action.enabled_when}",
            "screentip": action.help,
            "supertip": action.supertip,
            "onAction": "XlplanRibbon.OnAction",
            "getEnabled": "XlplanRibbon.GetEnabled",
        },
    )


def _groups(actions: Iterable[RibbonAction]) -> dict[str, list[RibbonAction]]:
    groups: dict[str, list[RibbonAction]] = {}
    for action in actions:
        if action.ribbon:
            groups.setdefault(action.group, []).append(action)
    return groups


def _lines(actions: Iterable[RibbonAction]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield "<!-- Generated from xlplan/commands.py; a test keeps it equal. -->"
    yield f'<customUI xmlns="{RIBBON_NAMESPACE}" onLoad="XlplanUi.OnLoad">'
    yield '  <ribbon startFromScratch="false">'
    yield "    <tabs>"
    tab = {"id": "xlplanTab", "label": TAB_LABEL, "keytip": TAB_KEYTIP}
    yield f'      {_element("tab", tab)} insertAfterMso="TabData">'
    for number, (label, members) in enumerate(_groups(actions).items(), 1):
        yield f"        {_element('group', {'id': f'xlplanGroup{number}', 'label': label})}>"
        yield from (f"          {_button(action)}/>" for action in members)
        if number == 1:
            yield '          <labelControl id="xlplanStatus" getLabel="XlplanRibbon.GetStatus"/>'
        yield "        </group>"
    yield "      </tab>"
    yield "    </tabs>"
    yield "  </ribbon>"
    yield "</customUI>"


def customui(actions: Sequence[RibbonAction]) -> str:
    """Return the text of ``customUI14.xml`` for these actions, in this order."""
    return "\n".join(_lines(actions)) + "\n"


def macros_text(actions: Sequence[RibbonAction]) -> dict[str, str]:
    """Return file name → text of everything in ``macros/`` that is generated."""
    return {macros.RIBBON: customui(actions)}
