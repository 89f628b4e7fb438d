"""The half of the engine that runs inside LibreOffice's own Python: standard library and UNO only.

Copied into the private profile by `xlplan.libreoffice.profile`; never imported by xlplan itself.
Written for Python 3.8 and later, which is what LibreOffice builds carry.
"""
