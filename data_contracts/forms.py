"""The standard's formats of strings, as far as they have a form that a text can be held to."""

_HEX = "[0-9a-fA-F]{1,4}"
_BYTE = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_IPV6 = (
    f"({_HEX}:){{7}}{_HEX}",
    f"({_HEX}:){{1,7}}:",
    *(f"({_HEX}:){{1,{left}}}(:{_HEX}){{1,{7 - left}}}" for left in range(1, 7)),
    f":((:{_HEX}){{1,7}}|:)",
)

FORMS = {
    "byte": "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "hostname": rf"{_LABEL}(\.{_LABEL})*",
    "ipv4": rf"({_BYTE}\.){{3}}{_BYTE}",
    "ipv6": "|".join(_IPV6),
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:\S+",
    "uuid": "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
}
