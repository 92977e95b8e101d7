import pytest

from orchestration.init.personal import personal


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("email", "e-mail address"),
        ("customer_email_address", "e-mail address"),
        ("contact_phone_number", "phone number"),
        ("first_name", "name of a person"),
        ("customer_name", "name of a person"),
        ("user_", "name of a person"),
        ("customer_id", "number of a person"),
        ("date_of_birth", "date of birth"),
        ("gender", "trait of a person"),
        ("zip_code", "address"),
        ("iban", "bank account or card"),
        ("ip_address", "address of a device"),
    ],
)
def test_names_tell_personal_data(name: str, what: str) -> None:
    found = personal(name, {})
    assert found is not None
    assert found[0] == what


@pytest.mark.parametrize(
    "name",
    ["product_name", "order_id", "phone_service", "user_count", "package", "message", "city_pair"],
)
def test_names_of_things_are_not_personal(name: str) -> None:
    assert personal(name, {"x": 1}) is None


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        (["a.b@example.com", "c@example.org"], "e-mail address"),
        (["write to a@example.com"], "e-mail address"),
        (["+49 170 1234567", "+1 (202) 555-0170"], "phone number"),
        (["078-05-1120"], "number of a person"),
        (["192.168.0.1"], "address of a device"),
        (["GB82 WEST 1234 5698 7654 32"], "bank account or card"),
        (["4111 1111 1111 1111"], "bank account or card"),
    ],
)
def test_shapes_tell_personal_data(texts: list[str], what: str) -> None:
    found = personal("x", dict.fromkeys(texts, 1))
    assert found is not None
    assert found[0] == what


@pytest.mark.parametrize(
    "text", ["4111111111111112", "GB82WEST12345698765433", "1.2.3", "2020-01-01"]
)
def test_check_digits_must_be_right(text: str) -> None:
    assert personal("x", {text: 1}) is None


def test_one_address_in_a_thousand_remarks_is_not_yet_personal() -> None:
    assert personal("x", {"write to a@example.com": 1, "": 0, "nothing": 999}) is None
