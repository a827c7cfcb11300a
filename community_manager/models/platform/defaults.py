"""Defaults of the context, which would come past what ``create`` refuses."""


def without_defaults(records, names):
    """Return records whose context holds no default for some fields.

    :param records: any records, of which the environment counts
    :param names: of the fields that nobody but the code may set
    """
    ours = {f"default_{name}" for name in names}
    kept = {name: value for name, value in records.env.context.items() if name not in ours}
    return records.with_env(records.env(context=kept))
