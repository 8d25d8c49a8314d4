"""Programs of Debian unstable, from the folder that `tests/distributed/setup` makes. They run on this machine, with their own libraries."""

from .stage import ROOT

FOLDER = ROOT / "target/tests/sid"
LIBRARIES = ["usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib/x86_64-linux-gnu/systemd", "usr/lib"]


def has(name):
    """Whether a program is there, as in `usr/sbin/mysqld`."""
    return (FOLDER / "installed").exists() and (FOLDER / name).exists()


def loads(name):
    """The command that runs a program. Its loader and its libraries are those of the folder."""
    loader = next(path for path in FOLDER.glob("usr/lib*/ld-linux-*.so.*"))
    libraries = ":".join(str(FOLDER / folder) for folder in LIBRARIES if (FOLDER / folder).is_dir())
    return [loader, "--library-path", libraries, FOLDER / name]
