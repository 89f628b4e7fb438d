from __future__ import annotations

import pytest

from xlplan.libreoffice.worker import grammar


@pytest.mark.parametrize(
    ("excel", "calc"),
    [
        ("=SUM(表[列],A1)", "=SUM(表[列];A1)"),
        ("=SUM(表[[#This Row],[列]],1)", "=SUM(表[[#This Row];[列]];1)"),
        ('=SUMIFS(表[额],表[月],"1,2;3")', '=SUMIFS(表[额];表[月];"1,2;3")'),
        ("=SUM(表[列])+'My sheet'!A1", "=SUM(表[列])+$'My sheet'.A1"),
        ("=INDEX({1,2;3,4},1,2)+表[列]", "=INDEX({1;2|3;4};1;2)+表[列]"),
    ],
)
def test_table_formulas_go_to_calc_and_back(excel, calc):
    assert grammar.to_calc(excel) == calc
    assert grammar.from_calc(calc) == excel


def test_the_short_form_of_this_row_is_written_out():
    assert grammar.to_calc("=表[@列]*2") == "=表[[#This Row];[列]]*2"
    assert grammar.to_calc("=表[@[a b]]*2") == "=表[[#This Row];[a b]]*2"


def test_references_without_a_table_get_the_one_around_them():
    assert grammar.named("=[@Qty]*2", "订单") == "=订单[@Qty]*2"
    assert grammar.named("=SUBTOTAL(109,[额])", "订单") == "=SUBTOTAL(109,订单[额])"
    assert grammar.named("=表[额]", "订单") == "=表[额]"


def test_newer_functions_get_their_prefix_but_texts_and_sheets_do_not():
    formula = "CONCAT(A1,\"CONCAT(\",'CONCAT('!A1,ROUND(IFS(1,2),0))"
    made = "_xlfn.CONCAT(A1,\"CONCAT(\",'CONCAT('!A1,ROUND(_xlfn.IFS(1,2),0))"
    assert grammar.prefixed(formula) == made
    assert grammar.shown_text(made) == formula


def test_unknown_functions_are_shown_in_capitals():
    assert grammar.shown_text("_xlfn.xlookup(A1,B:B,C:C,TRUE())") == "XLOOKUP(A1,B:B,C:C,TRUE)"


def test_a_filled_run_is_one_formula_relative_to_its_cells():
    one = grammar.relative_text("=IF(A2>$B$1,A2*'A2'!C$3,\"A2\")", 2, 4)
    assert one == grammar.relative_text("=IF(A9>$B$1,A9*'A2'!C$3,\"A2\")", 9, 4)
    assert one != grammar.relative_text("=IF(A9>$B$2,A9*'A2'!C$3,\"A2\")", 9, 4)
    assert one != grammar.relative_text("=IF(A9>$B$1,A9*'A2'!C$3,\"A9\")", 9, 4)
    assert grammar.relative_text("=SUM(A:A)+LOG10(A1)", 1, 1) != grammar.relative_text(
        "=SUM(A:A)+LOG10(A1)", 2, 1
    )


def test_table_references_are_told_from_texts():
    assert grammar.has_table("=表[列]")
    assert not grammar.has_table('=A1&"表[列]"')


@pytest.mark.parametrize(
    ("calc", "excel"),
    [
        (
            '=IF(INDEX($_计划.$E$2:$E$9;D$5)="";"";1.5)',
            '=IF(INDEX(_计划!$E$2:$E$9,D$5)="","",1.5)',
        ),
        ("=SUM($'6月'.$C$2)+$8月.A1+$R1.B2", "=SUM('6月'!$C$2)+'8月'!A1+'R1'!B2"),
        ("=N($'it''s'.A1)&\"a;b.C1\"", "=N('it''s'!A1)&\"a;b.C1\""),
        ("=IF(A1;TRUE();FALSE())", "=IF(A1,TRUE,FALSE)"),
        ('=A1&"TRUE()"&""', '=A1&"TRUE()"&""'),
        ('=MATCH(C1&"|"&A1;$_计划.$A$1:$A$9;0)', '=MATCH(C1&"|"&A1,_计划!$A$1:$A$9,0)'),
    ],
)
def test_plain_formulas_need_no_parser(calc, excel):
    assert grammar.quick(calc) == excel


@pytest.mark.parametrize(
    "calc",
    [
        "=SUM(表[列])",
        "=INDEX({1;2};1)",
        "=XLOOKUP(A1;B1;C1)",
        "=A1~B1",
        "=A1!B1",
        "=#REF!",
        "=Err:508",
    ],
)
def test_what_only_the_parser_gets_right_is_left_to_it(calc):
    assert grammar.quick(calc) is None


def test_sheets_whose_names_begin_with_a_digit_are_quoted():
    assert (
        grammar.quoted_sheets("8月!A1&\"8月!\"&'9月'!A1&年度!B1")
        == "'8月'!A1&\"8月!\"&'9月'!A1&年度!B1"
    )
