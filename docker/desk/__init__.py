"""Installer and runner behind ``make``: a complete Odoo 19 with this addon in one ignored folder of the checkout.

Standard library only, because it runs before anything is installed. ``python3 -m desk help`` lists the commands.
"""
