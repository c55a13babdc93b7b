"""The tables as queries use them.

SQLModel types a class attribute as the value it holds, but in a query it is a column; here they are untyped.
"""

from __future__ import annotations

from typing import Any

from reengage.store import arrivals, handling, tables

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
SignalRow: Any = arrivals.SignalRow
SignalKeyRow: Any = arrivals.SignalKeyRow
SignalUseRow: Any = arrivals.SignalUseRow
NewsRow: Any = arrivals.NewsRow
RunRow: Any = tables.RunRow
RuleRevisionRow: Any = tables.RuleRevisionRow
DecisionRow: Any = tables.DecisionRow
TaskRow: Any = tables.TaskRow
DeliveryRow: Any = tables.DeliveryRow
ReceivedRow: Any = arrivals.ReceivedRow
SourceStateRow: Any = arrivals.SourceStateRow
FileRow: Any = arrivals.FileRow
QuarantineRow: Any = arrivals.QuarantineRow
ReviewRow: Any = arrivals.ReviewRow
HandlingRow: Any = handling.HandlingRow
SlaReplyRow: Any = handling.SlaReplyRow
SlaDeliveryRow: Any = handling.SlaDeliveryRow
ActivityRow: Any = handling.ActivityRow
