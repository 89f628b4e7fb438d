"""Finding rows and columns by their hidden keys, wherever people moved them to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import address
from xlplan.errors import StructureError, Where
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xlplan.cells import Seen, Spot

#: Stands where the hidden key row and the hidden key column cross.
KEY_MARK = "xlplan:key"
_RESTORE = "请撤销删除，或从“备份”文件夹里恢复这个文件；可以插入、移动、隐藏行列，但不要删除带隐藏键的行列"


@record
class Keys:
    """The key row and key column of a sheet."""

    sheet: str
    rows: Mapping[str, int]
    columns: Mapping[str, int]

    def need_rows(self, labels: Mapping[str, str]) -> None:
        """Check that every key (→ what people call it) has its row; StructureError if not."""
        self._need("行", self.rows, labels)

    def need_columns(self, labels: Mapping[str, str]) -> None:
        """Check that every key (→ what people call it) has its column."""
        self._need("列", self.columns, labels)

    def _need(self, kind: str, have: Mapping[str, int], labels: Mapping[str, str]) -> None:
        missing = [label for key, label in labels.items() if key not in have]
        if missing:
            listed = "、".join(missing[:6]) + ("…" if len(missing) > 6 else "")
            message = f"“{self.sheet}”表少了 {len(missing)} {kind}：{listed}"
            raise StructureError(message, remedy=_RESTORE, where=Where(sheet=self.sheet))


def find_keys(sheet: str, cells: Mapping[Spot, Seen], mark: str = KEY_MARK) -> Keys:
    """Return the keys of a sheet.

    Raises:
        StructureError: The mark is gone, or a key stands twice (a copied row).
    """
    spot = next((spot for spot, seen in cells.items() if seen.value == mark), None)
    if spot is None:
        raise StructureError(
            f"“{sheet}”表的隐藏键不见了（隐藏的行或列被删除）",
            remedy=_RESTORE,
            where=Where(sheet=sheet),
        )
    row, column = spot
    down: list[tuple[Spot, Seen]] = []
    across: list[tuple[Spot, Seen]] = []
    for each in cells.items():  # a click looks at every cell of every sheet here
        (at_row, at_column), _ = each
        if at_column == column:
            down.append(each)
        elif at_row == row:
            across.append(each)
    down = [each for each in down if each[0] != spot]
    return Keys(sheet, _unique(sheet, down, 0), _unique(sheet, across, 1))


def _unique(sheet: str, cells: Iterable[tuple[Spot, Seen]], axis: int) -> dict[str, int]:
    found: dict[str, Spot] = {}
    for at, seen in cells:
        if isinstance(seen.value, str) and seen.value:
            if seen.value in found:
                first, second = address(*found[seen.value]), address(*at)
                raise StructureError(
                    f"“{sheet}”表有两处相同的隐藏键：{first} 与 {second}（多半是复制了整行或整列）",
                    remedy="请删除复制出来的那一份",
                    where=Where(sheet=sheet, cell=second),
                )
            found[seen.value] = at
    return {key: at[axis] for key, at in found.items()}


def need_labels(
    sheet: str,
    file: str,
    rows: Mapping[str, int],
    shown: Mapping[str, tuple[str, str]],
    column: int,
) -> None:
    """Check that no row shows the name of another row: what people see is what a row is.

    Args:
        sheet: The sheet's name.
        file: The book's name.
        rows: Key → row.
        shown: Key → the name it stands for, and the name that is seen.
        column: Where the name is seen.

    Raises:
        StructureError: Rows were sorted or pasted without their hidden keys.
    """
    own = {name for name, _ in shown.values()}
    wrong = [key for key, (name, seen) in shown.items() if seen != name and seen in own]
    if not wrong:
        return
    named = "；".join(f"第 {rows[key]} 行写着“{shown[key][1]}”，隐藏的键却是“{shown[key][0]}”" for key in wrong[:3])  # fmt: skip
    raise StructureError(
        f"“{sheet}”看到的行名与隐藏的键不符（{len(wrong)} 行）：{named}。没有写入任何内容",
        "多半是排序或粘贴时没有带上隐藏的键列：请撤销那次操作，或选中整行再排序；被改的改回原样",
        Where(file, sheet, address(rows[wrong[0]], column)),
    )
