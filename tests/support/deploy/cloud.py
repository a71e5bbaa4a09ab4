"""A folder in the place of AWS, for tests of what a host fetches."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

PROGRAM = {
    "app.py": "print('version 1')\n",
    "compose.yaml": "name: photoseek\n",
    "infra/caddy/Caddyfile": "# version 1\n",
    "infra/docker/install.sh": "#!/bin/sh\n",
    "requirements.txt": "pillow==13.0.0\n",
}
AWS = """#!/bin/sh
[ -d "$CLOUD" ] || exit 255
case "$1 $2" in
  "s3 cp") cp -RT "$CLOUD/${3#s3://}" "$4" ;;
  "ssm get-parameter") cat "$CLOUD$6" ;;
esac
"""


@dataclass(frozen=True)
class Cloud:
    """The program and the key, as Terraform would have sent and made them."""

    folder: Path

    def make_key(self, value: str) -> None:
        (self.folder / "key").write_text(f"{value}\n")

    def send(self, **changed: str) -> None:
        """The program of these tests, with other files where they are given."""
        program = PROGRAM | changed
        self.put(program)
        lines = (f"{hashlib.sha256(t.encode()).hexdigest()}  {n}\n" for n, t in program.items())
        (self.folder / "source.sha256").write_text("".join(lines))

    def put(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / "source" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def remove(self, name: str) -> None:
        (self.folder / "source" / name).unlink()
