"""What a URL is called here: nothing in it lets anybody in."""

from __future__ import annotations

import pytest

from orchestration.connectors.files.remote import Remote, is_remote, shown

UUID = "550e8400-e29b-41d4-a716-446655440000"
CALLED = {
    "plain": ("https://h.example/a/b.csv", "https://h.example/a/b.csv"),
    "a login": ("https://anna:hunter2@h.example:8443/b.csv", "https://h.example:8443/b.csv"),
    "what is asked for": ("http://h/x?month=2026-01&kind=a%20b", "http://h/x?month=2026-01&kind=a%20b"),
    "a fragment": ("http://h/x.csv#hunter2", "http://h/x.csv"),
    "signed for S3": (
        "https://b.s3.amazonaws.com/k.csv?X-Amz-Algorithm=AWS4&X-Amz-Credential=hunter2"
        "&X-Amz-Signature=hunter2&X-Amz-Security-Token=hunter2&versionId=7",
        "https://b.s3.amazonaws.com/k.csv?versionId=7",
    ),
    "signed for Azure": ("https://a.blob/k?sv=2024&se=2026&sp=r&sig=hunter2%3D", "https://a.blob/k"),
    "signed by CloudFront": ("https://c/k?Expires=1&Signature=hunter2&Key-Pair-Id=hunter2", "https://c/k"),
    "a token": ("https://h/x?access_token=hunter2&id=4", "https://h/x?id=4"),
    "a password": ("https://h/x?password=hunter2", "https://h/x"),
    "S3": ("s3://bucket/a b/c=1/d.parquet", "s3://bucket/a b/c=1/d.parquet"),
    "a path": ("/data/a?b.csv", "/data/a?b.csv"),
}  # fmt: skip


@pytest.mark.parametrize(("url", "called"), CALLED.values(), ids=list(CALLED))
def test_a_url_is_shown_without_what_lets_somebody_in(url: str, called: str) -> None:
    assert shown(url) == called
    assert shown(called) == called
    assert "hunter2" not in repr(Remote(url))


def test_what_may_be_a_key_and_may_be_a_name_is_shown_as_a_hash_that_tells_two_apart() -> None:
    first, second = (shown(f"https://h/x?id={UUID[:-1]}{last}") for last in "12")
    assert first != second
    assert UUID[:-1] not in first
    assert shown("https://h/x?api_key=hunter2") != shown("https://h/x?api_key=hunter3")


@pytest.mark.parametrize(
    ("given", "remote"),
    [("http://h/x", True), ("HTTPS://h/x", True), ("s3://b/x", True), ("a/http:/x", False), ("ftp://h/x", False)],
)  # fmt: skip
def test_a_url_is_no_path(given: str, remote: bool) -> None:
    assert is_remote(given) is remote
