"""`python -m tests.described` writes docs/openapi.json."""

import json
import tempfile
from pathlib import Path

from grader.service.described import complete
from tests.serving import app_in

PATH = Path(__file__).parent.parent / "docs" / "openapi.json"


def description(folder: Path) -> str:
    """The API's description, without the version of this package, which a release changes."""
    schema = complete(app_in(folder).openapi_schema.to_schema())
    schema["info"]["version"] = "1"
    return json.dumps(schema, indent=1, sort_keys=True, default=str) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PATH.write_text(description(Path(folder)))
