"""PHP out of Debian's archive: its settings, and the command that starts it."""

from .debian import program

INI = (
    "zend_extension=opcache",
    "opcache.enable_cli=1",
    "date.timezone=UTC",
    "display_errors=0",
    "log_errors=1",
)


def configure(folder, extensions, memory):
    """Write the settings of the interpreter that is unpacked in a folder.

    :param list extensions: names of the extensions to load
    :param str memory: most that a request may take, as in "256M"
    """
    lines = [*INI, f"memory_limit={memory}", *(f"extension={name}" for name in extensions)]
    (folder / "php.ini").write_text("\n".join(lines) + "\n")


def command(folder):
    """Return the command that starts the interpreter that is unpacked in a folder."""
    tree = folder / "tree"
    extensions = next(tree.glob("usr/lib/php/*/mbstring.so")).parent
    interpreter = program(tree, next(tree.glob("usr/bin/php[0-9]*")))
    return [*interpreter, "-c", str(folder / "php.ini"), "-d", f"extension_dir={extensions}"]
