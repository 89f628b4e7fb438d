"""Largest remainder at its edges: who may receive a unit, when nobody may, when values are scaled."""

from __future__ import annotations

import numpy as np

from xlplan.plan.exact.rounding import largest_remainder, round_to_sum


def test_only_cells_that_may_receive_a_unit_do():
    quotas = np.array([[2.0, 3.0, 4.0]])
    open_cells = np.array([[False, True, False]])
    assert largest_remainder(quotas, np.array([11]), open_cells).tolist() == [[2.0, 5.0, 4.0]]
    assert largest_remainder(quotas, np.array([8]), open_cells).tolist() == [[2.0, 2.0, 4.0]]


def test_a_cell_without_a_quota_receives_nothing_unless_it_is_said_to_be_open():
    quotas = np.array([[0.0, 3.0, 0.0]])
    assert largest_remainder(quotas, np.array([5])).tolist() == [[0.0, 5.0, 0.0]]
    every = np.ones((1, 3), dtype=bool)
    assert largest_remainder(quotas, np.array([5]), every).tolist() == [[1.0, 4.0, 0.0]]


def test_a_row_without_an_open_cell_stays_as_it_is():
    quotas = np.array([[2.0, 3.0], [1.5, 1.5]])
    shut = np.array([[False, False], [True, True]])
    assert largest_remainder(quotas, np.array([9, 3]), shut).tolist() == [[2.0, 3.0], [2.0, 1.0]]


def test_values_a_unit_off_are_scaled_and_less_is_rounding():
    assert round_to_sum([10.0, 30.0], 41).tolist() == [10.0, 31.0]
    assert round_to_sum([90.3, 8.4], 99).tolist() == [90.0, 9.0]  # scaled, it would be 91 and 8
    assert round_to_sum([0.0, 30.0, 10.0], 39.5, 0.5).tolist() == [0.0, 29.5, 10.0]
    assert round_to_sum([1.0, 1.0, 1.0, 97.0], 200).tolist() == [2.0, 2.0, 2.0, 194.0]
