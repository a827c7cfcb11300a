"""What it costs to find out whose profiles are, and who stands where.

``ratio identity_scale``: seconds for a profile that is matched against all contacts ÷ against a tenth of them.  Near
one, as keys are looked up; a comparison of each with each would give ten.  Target at most 2.

``ratio lifecycle_pass``: seconds of a nightly pass over all contacts when nothing changed ÷ seconds of the one plain
statement that finds the first quotation and order of each customer and stores them.  The pass also looks at mentions,
leads, consent, invoices, receipts and companies, and compares all steps with what is stored.

Contacts have names of four hundred given and some ten thousand family names, all of them an e-mail; a third of the
profiles writes with the e-mail of a contact, the others have at most the name.
"""

import sys

from tests.odoo_desk import environment

from ._bench import database, timed

CONTACTS, PROFILES = 1_000_000, 20_000
FIRST = "a b c d f g h j l m n p r s t v".split()


def fill(env, begin, end):
    """Create contacts number ``begin`` to ``end`` by one statement, as a migration does."""
    env.cr.execute(
        """
        INSERT INTO res_partner (name, complete_name, email, email_normalized, type, active, is_company, city,
            commercial_partner_id, create_date, write_date, autopost_bills)
        SELECT n, n, 'p' || i || '@mail.example', 'p' || i || '@mail.example', 'contact', TRUE, FALSE, 'Madrid',
            NULL, now() at time zone 'UTC', now() at time zone 'UTC', 'ask'
        FROM (
            SELECT i, initcap((%(s)s::text[])[1 + i %% 16] || 'ar' || (%(s)s::text[])[1 + (i / 16) %% 16] || 'e')
                || ' ' || initcap((%(s)s::text[])[1 + (hashtext(i::text || 'x') & 15)] || 'o'
                || (%(s)s::text[])[1 + (hashtext(i::text || 'y') & 15)] || 'i'
                || (%(s)s::text[])[1 + (hashtext(i::text || 'z') & 15)] || 'u'
                || (%(s)s::text[])[1 + (hashtext(i::text || 'w') & 15)] || 'ez') AS n
            FROM generate_series(%(begin)s, %(end)s) AS i
        ) made
        """,
        {"s": FIRST, "begin": begin, "end": end - 1},
    )
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL")
    env.cr.commit()


def keys(env):
    """Make the keys of the contacts that have none; return how many contacts were looked at."""
    done = 0
    while number := env["community.identity"]._fill_contacts():
        done += number
        env.cr.commit()
    env["ir.config_parameter"].set_param("community_manager.identity_filled", str(last(env)))
    env.cr.commit()
    return done


def last(env):
    env.cr.execute("SELECT max(id) FROM res_partner")
    return env.cr.fetchone()[0]


def write(env, begin, end, contacts):
    """Create profiles by one statement, that look like some of the contacts."""
    env.cr.execute(
        """
        INSERT INTO community_author (company_id, network, realm, external_id, name, handle, email, match_due,
            create_date, write_date)
        SELECT %s, 'mastodon', 'social.example', 'x' || i, p.name, '@u' || i || '@social.example',
            CASE WHEN i %% 3 = 0 THEN p.email END, TRUE, now() at time zone 'UTC', now() at time zone 'UTC'
        FROM generate_series(%s, %s) AS i
        JOIN res_partner p ON p.email = 'p' || ((i::bigint * 7919) %% %s) || '@mail.example'
        """,
        (env.company.id, begin, end - 1, contacts),
    )
    env.cr.commit()


def match(env):
    """Match the profiles that wait; return how many there were."""
    done = 0
    while number := env["community.identity"]._match_due():
        done += number
        env.cr.commit()
        env.invalidate_all()
    return done


def buy(env):
    """Give every second contact two orders by one statement."""
    env.cr.execute(
        """
        INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id, company_id, state,
            date_order, create_date, write_date)
        SELECT 'S' || p.id || '-' || k, p.id, p.id, p.id, %s, CASE WHEN k = 1 THEN 'sale' ELSE 'draft' END,
            now() at time zone 'UTC' - k * interval '9 days', now() at time zone 'UTC', now() at time zone 'UTC'
        FROM res_partner p CROSS JOIN generate_series(1, 2) AS k
        WHERE p.id %% 2 = 0 AND p.email LIKE 'p%%@mail.example'
        """,
        (env.company.id,),
    )
    env.cr.execute("ANALYZE")
    env.cr.commit()


def plain(env):
    """Find the first quotation and order of each customer, and store them; nothing else."""
    env.cr.execute(
        """
        CREATE TABLE bench_plain AS
        SELECT p.commercial_partner_id, o.company_id, min(o.create_date) AS asked,
               min(o.date_order) FILTER (WHERE o.state = 'sale') AS bought
        FROM sale_order o JOIN res_partner p ON p.id = o.partner_id WHERE o.state != 'cancel' GROUP BY 1, 2
        """
    )
    env.cr.execute("CREATE UNIQUE INDEX ON bench_plain (commercial_partner_id, company_id)")
    env.cr.execute("DROP TABLE bench_plain")
    env.cr.commit()


def nightly(env):
    """Do the whole pass; return how many customers were looked at."""
    done = 0
    while number := env["community.lifecycle"]._refresh_next():
        done += number
        env.cr.commit()
    return done


def main():
    contacts = int(sys.argv[1]) if len(sys.argv) > 1 else CONTACTS
    profiles = min(PROFILES, contacts // 10)
    seconds = {}
    with database("identity") as name, environment(name) as env:
        env.cr.execute("UPDATE community_author SET match_due = FALSE")
        for begin, end in ((0, contacts // 10), (contacts // 10, contacts)):
            fill(env, begin, end)
            env.cr.execute("ANALYZE")
            env.cr.commit()
            spent, done = timed(lambda: keys(env))
            print(f"keys of {done:,} contacts: {done / spent:,.0f}/s", flush=True)
            env.cr.execute("ANALYZE")
            env.cr.commit()
            write(env, begin and profiles, profiles + (begin and profiles), end)
            spent, done = timed(lambda: match(env))
            if done < profiles * 0.9:
                raise SystemExit(f"{done} profiles of {profiles}: the comparison would mean nothing")
            seconds[end] = spent / done
            env.cr.execute("SELECT count(partner_id) FROM community_author WHERE external_id LIKE 'x%'")
            linked = env.cr.fetchone()[0]
            print(
                f"{done:,} profiles against {end:,} contacts: {done / spent:,.0f}/s; linked so far {linked:,}",
                flush=True,
            )
        buy(env)
        bare, _nothing = timed(lambda: plain(env))
        full, done = timed(lambda: nightly(env))
        again, _done = timed(lambda: nightly(env))
        env.cr.execute("SELECT count(*) FROM community_lifecycle WHERE stage = 'customer'")
        print(f"customers {env.cr.fetchone()[0]:,}; first pass {full:.1f} s, second {again:.1f} s, plain {bare:.1f} s")
    print(f"ratio identity_scale {seconds[contacts] / seconds[contacts // 10]:.2f}")
    print(f"ratio lifecycle_pass {again / bare:.2f}")


if __name__ == "__main__":
    main()
