"""Every error the package raises on purpose, as one tree.

    HeadroomError
    ├── WireError          a body is not what its wire format says
    ├── StoreError         the store cannot do what was asked
    │   ├── NotFound       no original under this ref (never stored, or purged)
    │   └── Corrupt        stored bytes do not match their content hash
    ├── TranscriptError    a file is no transcript that can be read
    ├── UpstreamError      a provider gave no answer
    └── SettingsError      an option or setting is wrong, and how to mend it

A compressor may raise anything: the engine catches it in one place.
"""


class HeadroomError(Exception):
    """Base of every error raised on purpose; its text is for a person."""


class WireError(HeadroomError):
    """A body is not what its wire format says."""


class StoreError(HeadroomError):
    """The store cannot do what was asked."""


class NotFound(StoreError):
    """No original under this ref: it was never stored here, or it was purged."""


class Corrupt(StoreError):
    """The stored bytes do not match their content hash."""


class SettingsError(HeadroomError):
    """An option or setting is wrong; the text says which and how to mend it."""


class TranscriptError(HeadroomError):
    """A file is no transcript that can be read; the text says which and what was expected."""


class UpstreamError(HeadroomError):
    """A provider could not be reached, or gave no answer."""
