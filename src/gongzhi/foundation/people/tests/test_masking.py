"""Telephone and identity numbers are masked in what others read; other numbers stay."""

import pytest

from gongzhi.foundation.people import masking


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("打13800001234找我", "打138****1234找我"), ("电话：138 0000 1234。", "电话：138****1234。"), ("138-0000-1234", "138****1234"),
        ("１３８００００１２３４，急", "138****1234，急"), ("+86 138 0000 1234", "138****1234"), ("008613800001234", "138****1234"),
        ("座机0571-87654321", "座机057****4321"), ("(028)8612 3456", "028****3456"),
        ("身份证11010519491231002X", "身份证11******2X"), ("身份证 110105 19491231 002x 和13800001234", "身份证 11******2x 和138****1234"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11******2X"),
    ],
)  # fmt: skip
def test_masks(text, shown):
    assert masking.masked(text) == shown
    assert masking.is_masked(shown)
    assert masking.masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    ["", "打12345", "110", "110105194912310021", "110105194913310020", "快递 6213800001234567", "2026年11月30日14时30分", "设备 88888880000001", "12800001234",
     "1380000123", "400-123-4567", "浓度 0.0123456 毫克", "А1380000123４5"],
)  # fmt: skip
def test_leaves(text):
    assert masking.masked(text) == text
    assert not masking.is_masked(text)
