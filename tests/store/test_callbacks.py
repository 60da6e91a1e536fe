"""A number to call back: sealed, the contact's own, and gone with them."""

from datetime import UTC, datetime

import pytest

from exports.record import record
from store.callbacks import Callbacks
from store.database import Database
from store.erasure import Erasure
from store.errors import SealError, StoreError
from store.sealing import Sealer
