"""What `security.ts` has every answer of the panel say."""

import re

from tests.platform import ROOT

_HEADER = re.compile(r"^    '?([A-Za-z-]+)'?: '([^']+)',$", re.MULTILINE)
_DIRECTIVE = re.compile(r"""^    (?:"([^"]+)"|`([^`$]+)\$\{api\}`),$""", re.MULTILINE)


def panel_headers() -> dict[str, str]:
    """By their names in lower case; the API stands at the panel's own origin."""
    written = (ROOT / "bytchat-panel/security.ts").read_text(encoding="utf-8")
    policy = "; ".join(plain or own for plain, own in _DIRECTIVE.findall(written))
    headers = {name.lower(): value for name, value in _HEADER.findall(written)}
    return {"content-security-policy": policy, **headers}
