"""What an installation adds to site-packages: the core in a new environment, from this checkout."""

import subprocess
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent


def size(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def main() -> None:
    """Print the sum and the largest parts."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        packages = next(Path(folder).glob("[Ll]ib/**/site-packages"))
        before = size(packages)
        python = str(next(Path(folder).glob("[bS]*/python*")))
        subprocess.run([python, "-m", "pip", "install", "--quiet", str(ROOT)], check=True)
        print(f"added to site-packages: {(size(packages) - before) / 1e6:.1f} MB")
        parts = sorted(((size(path), path.name) for path in packages.iterdir()), reverse=True)
        for taken, name in parts[:10]:
            print(f"  {taken / 1e6:5.1f} MB {name}")


if __name__ == "__main__":
    main()
