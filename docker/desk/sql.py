"""Run by the Python that has psycopg2: statements on standard input as JSON, rows on standard output as JSON.

Connection settings come from the usual PG* variables. Each statement commits by itself.
"""

import json
import sys

import psycopg2


def main() -> int:
    """Execute ``[[statement, parameters], …]`` on the database named by the first argument."""
    try:
        connection = psycopg2.connect(dbname=sys.argv[1])
        connection.autocommit = True
        rows = []
        with connection.cursor() as cursor:
            for statement, parameters in json.load(sys.stdin):
                cursor.execute(statement, parameters or None)
                rows = cursor.fetchall() if cursor.description else []
        connection.close()
    except psycopg2.Error as error:
        print(str(error).strip(), file=sys.stderr)
        return 1
    json.dump(rows, sys.stdout, default=str)
    return 0


if __name__ == "__main__":
    sys.exit(main())
