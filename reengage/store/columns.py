"""The tables as queries use them.

SQLModel types a class attribute as the value it holds, but in a query it is a column; here they are untyped.
"""

from __future__ import annotations

from typing import Any

from reengage.store import tables

AccountRow: Any = tables.AccountRow
AccountStatusRow: Any = tables.AccountStatusRow
OwnerRow: Any = tables.OwnerRow
ContactRow: Any = tables.ContactRow
ProfileRow: Any = tables.ProfileRow
IdentityRow: Any = tables.IdentityRow
IdentifierRow: Any = tables.IdentifierRow
EmploymentRow: Any = tables.EmploymentRow
ConversationRow: Any = tables.ConversationRow
HoldRow: Any = tables.HoldRow
OptOutRow: Any = tables.OptOutRow
EvidenceRow: Any = tables.EvidenceRow
ContactKeyRow: Any = tables.ContactKeyRow
OptOutKeyRow: Any = tables.OptOutKeyRow
OptedOutRow: Any = tables.OptedOutRow
SignalRow: Any = tables.SignalRow
SignalKeyRow: Any = tables.SignalKeyRow
SignalUseRow: Any = tables.SignalUseRow
NewsRow: Any = tables.NewsRow
RunRow: Any = tables.RunRow
RuleRevisionRow: Any = tables.RuleRevisionRow
DecisionRow: Any = tables.DecisionRow
TaskRow: Any = tables.TaskRow
DeliveryRow: Any = tables.DeliveryRow
FileRow: Any = tables.FileRow
QuarantineRow: Any = tables.QuarantineRow
ReviewRow: Any = tables.ReviewRow
