"""What a kind of entry is called on pages; a kind without words here is shown by its name."""

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "CaseOpened": _("Case opened"), "CaseAssigned": _("Case assigned"), "CaseAccepted": _("Work begun"), "CaseReturned": _("Case returned"),
    "CaseTakenBack": _("Assignment taken back"),
    "CaseSettled": _("Responsibility settled"), "CaseSuspended": _("Clock stopped"), "CaseResumed": _("Clock runs again"),
    "CaseExtended": _("Time extended"), "CaseAnswered": _("Result reported"), "CaseVerified": _("Result checked"), "CaseClosed": _("Case closed"),
    "CaseReopened": _("Case reopened"), "CaseRejected": _("Case not accepted"), "CaseWithdrawn": _("Case withdrawn"), "CaseMerged": _("Case merged"),
    "CaseReferred": _("Case referred"), "CaseJoined": _("Unit asked to join"), "CaseJoinAnswered": _("Joined unit reported"), "CaseNoted": _("Note added"),
    "CaseUrged": _("Case urged"), "CaseFollowed": _("Case followed"), "CaseReclassified": _("Category changed"), "CaseRated": _("Case rated"),
    "CaseSeverityRaised": _("Severity raised"), "CaseMovedToProcedure": _("Procedure version changed"), "RatingFollowUpOpened": _("Follow-up begun"),
    "RatingFollowedUp": _("Rating followed up"), "CaseWarned": _("Three quarters of the time used"), "CaseFellDue": _("Overdue"),
    "CategoryDefined": _("Category defined"), "ResponsibilityDefined": _("Responsibility list changed"), "ProcedureAdopted": _("Procedure adopted"),
    "AmendmentProposed": _("Amendment proposed"), "AmendmentDecided": _("Amendment decided"), "SealedTextShown": _("Contact shown"),
    "PaperIssued": _("Paper issued"), "PaperSuspended": _("Paper suspended"), "PaperResumed": _("Paper holds again"), "PaperRevoked": _("Paper revoked"),
    "PaperReplaced": _("Paper replaced"), "PaperKeysMade": _("Keys of papers made"),
    "TownFounded": _("Town founded"), "TownRulesSet": _("Town rules set"), "AreaDefined": _("Area defined"), "PlaceDefined": _("Place named"),
    "DaySet": _("Calendar day set"), "OfficeHoursSet": _("Office hours set"), "OrganDefined": _("Organ defined"), "PostGiven": _("Post given"),
    "PostEnded": _("Post ended"), "RoleChanged": _("Role changed"), "JointActAsked": _("Act of two asked for"),
    "JointActDecided": _("Act of two decided"), "FieldWorkTaken": _("Field work received"), "ReadingsTaken": _("Readings taken"),
    "StationRegistered": _("Station registered"), "StationClosed": _("Station closed"), "ObservationsTaken": _("Observations taken over SensorThings"),
    "EntityCreated": _("Described over SensorThings"), "EntityChanged": _("Description changed over SensorThings"),
    "EntityWithdrawn": _("Withdrawn over SensorThings"),
    "DeviceRegistered": _("Device registered"), "LimitSet": _("Limit set"), "LimitEnded": _("Limit ended"),
    "AlarmOpened": _("Alarm raised"), "AlarmSettled": _("Alarm settled"),
    "AlarmAnswered": _("Alarm answered"), "ReportFiled": _("Report filed"), "CasePlaced": _("Place of the case found"),
    "CaseImported": _("Case taken over"), "CasesImported": _("Cases taken over in a batch"), "ReportsImported": _("Reports taken over in a batch"),
    "TextsMasked": _("Numbers of people masked"),
    "ImportPrepared": _("Taking over prepared"), "SuggestionTrained": _("Suggestions trained"), "SealedFieldShown": _("Sealed field shown"),
    "PersonRegistered": _("Person registered"), "PersonErased": _("Person erased"), "LoginGiven": _("Log-in given"), "PasswordChanged": _("Password changed"),
    "SecondFactorChanged": _("Second step of signing in changed"), "IdentityLinked": _("Outside identity linked"), "SignInTried": _("Sign-in tried"),
    "TokenIssued": _("Access token issued"), "TokenRevoked": _("Access token revoked"), "ViewSaved": _("View saved"),
    "ViewDropped": _("View taken away"),
    "AttachmentAdded": _("Attachment added"), "AttachmentRemade": _("Photo made anew of its pixels"), "AttachmentsClosed": _("Attachments closed"),
    "NoticeGiven": _("Notice given"), "NoticeDelivered": _("Notice delivered"), "NoticesRead": _("Notices read"),
    "ChoiceMade": _("Ways of notice chosen"), "DeviceChanged": _("Push notices turned on or off"),
    "AnswerKept": _("Answer kept"), "ReceiptsCleaned": _("Old answers cleared"),
    "PacketRefused": _("Packet refused"),
    "DayCleared": _("Calendar day cleared"), "NoticesForgotten": _("Notices erased"), "ErasureAsked": _("Erasure asked for"),
    "ErasureDecided": _("Erasure decided"), "ErasureWithdrawn": _("Erasure withdrawn"), "FieldsResealed": _("Personal fields sealed anew"),
    "HashKeysKept": _("Look-up keys kept"), "IdentityUnlinked": _("Outside identity unlinked"), "LoginChanged": _("Log-in changed"),
    "PhoneCodeMade": _("Code for a telephone number made"), "PhoneCodeTried": _("Code for a telephone number tried"),
    "TermApplied": _("Details past their term erased"), "TracesForgotten": _("Ended sessions cleared"), "AreaEnded": _("Area ended"),
    "TownNamed": _("Town named"), "TownOpened": _("Town opened"),
    "ArchiveChecked": _("Archive checked"), "ArchiveFileAbandoned": _("Archive file given up"), "ArchiveFileVerified": _("Archive file verified"),
    "ArchiveFileWritten": _("Archive file written"), "ReadingsMovedOut": _("Readings moved to the archive"), "FeedDefined": _("MQTT feed defined"),
    "FeedPasswordChanged": _("Password of an MQTT feed changed"), "FeedStateChanged": _("State of an MQTT feed changed"),
    "FeedSwitched": _("MQTT feed switched"), "FileBrought": _("File of readings brought"), "FileDescribed": _("File of readings described"),
    "ImportBegun": _("Import of readings begun"), "ImportEnded": _("Import of readings ended"), "MappingsKept": _("Mappings of a feed kept"),
    "MessagesTaken": _("Messages of a feed taken"), "RecipeKept": _("Recipe of an import kept"), "RowsImported": _("Rows of readings imported"),
    "DeviceAsked": _("Device asked"), "DeviceCalibrated": _("Device calibrated"), "DevicePasswordRotated": _("Password of a device changed"),
    "DeviceNoticed": _("Device told"),
    "DeviceReplied": _("Device replied"), "HoursRolledUp": _("Hourly values computed"), "MaintenancePlanned": _("Maintenance planned"),
    "ProposalMade": _("A unit proposed something of its devices"), "ProposalDecided": _("What a unit proposed was decided"),
    "RequestsExpired": _("Requests to devices expired"), "SeriesDefined": _("Series of readings defined"), "WarningsFollowed": _("Warnings followed"),
    "EntitiesDescribed": _("Stations described over SensorThings"), "DrillRecorded": _("Emergency drill recorded"),
    "OutletRegistered": _("Outlet registered"), "PermitEnded": _("Permit ended"), "PermitEntered": _("Permit entered"),
    "PlanFiled": _("Emergency plan filed"), "ReturnChecked": _("Return of a firm checked"), "ReturnFiled": _("Return of a firm filed"),
    "RiskSourceRegistered": _("Source of risk registered"), "SensitivePlaceRegistered": _("Sensitive place registered"),
    "SourceClosed": _("Pollution source closed"), "SourceRegistered": _("Pollution source registered"), "SubstanceListed": _("Risk substance listed"),
    "ThresholdSet": _("Threshold set"), "ForecastTrained": _("Forecast trained"), "WarningRuleEnded": _("Warning rule ended"),
    "WarningRuleSet": _("Warning rule set"), "WarningRuleFaulted": _("Warning rule could not be judged"),
    "BookingStruck": _("Booking of waste struck out"), "PlotRegistered": _("Plot registered"),
    "SampleTaken": _("Soil sample taken"), "StockCounted": _("Stock of waste counted"), "WasteBooked": _("Waste booked"),
    "WasteRegistered": _("Waste registered"),
    "ValuesTold": _("Values of a register told"), "RegisterLooked": _("Sealed values of a register looked at"),
    "RegisterFileBrought": _("File of a register brought"), "RegisterFileBegun": _("File of a register begun"),
    "RegisterRowsTaken": _("Rows of a register taken"),
    "RegisterFileEnded": _("File of a register ended"), "DwellingDefined": _("Dwelling defined"), "ResidentRegistered": _("Resident registered"),
    "ResidentChanged": _("Resident's values changed"), "ResidentMoved": _("Resident moved"), "ResidentLeft": _("Resident left"),
    "HouseholdHeaded": _("Head of a household changed"), "ResidentLinked": _("Record and account linked"), "LinkTried": _("Own record asked for"),
    "ResidentsMerged": _("Two records merged"), "DuplicateSettled": _("Doubt about two records settled"), "TagSet": _("Tag set or reviewed"),
    "TagEnded": _("Tag ended"), "HomeVisited": _("Home visited"), "ResidentsTaken": _("Residents taken from a file"),
    "FieldCatalogued": _("Answering for a field named"), "DataSetDefined": _("Data set listed"), "DataRowsTaken": _("Rows of a data set taken"),
    "GrantGiven": _("Grant given"), "GrantEnded": _("Grant ended"), "DoubtRaised": _("Value doubted"), "DoubtSettled": _("Doubt settled"),
    "DataRequested": _("Data asked for"), "DataRequestAnswered": _("Request for data answered"), "CorrectionAsked": _("Correction asked for"),
    "CorrectionAnswered": _("Correction answered"), "SenderSet": _("Sender set"), "RowsSent": _("Rows sent from outside"),
    "CriterionDefined": _("Criterion begun"), "CriterionDrafted": _("Criterion drafted"),
    "CriterionTried": _("Criterion tried"), "CriterionAdopted": _("Criterion adopted"), "ParameterSet": _("Value for criteria set"),
    "FirmOrgansDefined": _("Organs of firms defined"), "FirmRegistered": _("Firm registered"), "FirmChanged": _("Firm's values changed"),
    "FirmContactSet": _("Contact of a firm set"), "FirmFigureTold": _("Figure of a firm told"), "FirmsTaken": _("Firms taken into the register"),
    "TaskReturned": _("Task returned"), "TaskStopped": _("Clock of a task stopped"), "TaskResumed": _("Clock of a task runs again"),
    "TaskGivenOn": _("Task given to another unit"), "StageJoined": _("Tasks of a stage done"), "CaseDecided": _("Case decided"),
    "CaseStepTaken": _("Step taken"), "CasePartyAdded": _("Party named"), "CasePartyEnded": _("Part of a party ended"),
    "CasesOpened": _("Several cases opened"), "CaseTimeRan": _("Done by the clock"),
    "PolicyPrepared": _("Policy prepared"), "PolicyLinked": _("Link of a policy set"), "PolicyReleased": _("Policy released"),
    "PolicyEnded": _("Policy ended"), "ReadingPublished": _("Reading of a policy published"), "SubscriptionChanged": _("Subscription changed"),
    "PassageKept": _("Answer kept for search"), "ConsultationOpened": _("Opinions on a draft asked for"), "OpinionGiven": _("Opinion on a draft given"),
    "OpinionsAnswered": _("Opinions on a draft answered"), "ConsultationResultPublished": _("Result of a consultation published"),
}  # fmt: skip

# Recorded as private: they are in no list that everybody sees.
PRIVATE = frozenset({
    "PersonRegistered", "PersonErased", "LoginGiven", "PasswordChanged", "SecondFactorChanged", "IdentityLinked", "SignInTried", "TokenIssued", "TokenRevoked",
    "ViewSaved", "ViewDropped", "NoticeGiven", "NoticeDelivered", "NoticesRead", "ChoiceMade", "DeviceChanged",
    "AnswerKept", "ReceiptsCleaned", "PacketRefused",
    "SealedFieldShown", "AttachmentAdded", "AttachmentRemade", "AttachmentsClosed",
    "NoticesForgotten", "TextsMasked", "TracesForgotten", "ErasureAsked", "ErasureDecided", "ErasureWithdrawn",
    "IdentityUnlinked", "LoginChanged", "PhoneCodeMade", "PhoneCodeTried",
    "FeedStateChanged", "FileDescribed", "MessagesTaken", "RowsImported", "DeviceAsked", "DevicePasswordRotated", "DeviceReplied", "HoursRolledUp",
    "DeviceNoticed", "ProposalMade", "WarningRuleFaulted",
    "RequestsExpired", "WarningsFollowed", "EntitiesDescribed", "DrillRecorded", "PlanFiled", "ReturnChecked", "ReturnFiled", "RiskSourceRegistered",
    "ValuesTold", "RegisterLooked", "RegisterFileBrought", "RegisterFileBegun", "RegisterRowsTaken", "RegisterFileEnded", "DwellingDefined",
    "ResidentRegistered", "ResidentChanged", "ResidentMoved", "ResidentLeft", "HouseholdHeaded", "ResidentLinked", "LinkTried", "ResidentsMerged",
    "DuplicateSettled", "TagSet", "TagEnded", "HomeVisited", "ResidentsTaken",
    "PaperIssued", "PaperSuspended", "PaperResumed", "PaperRevoked", "PaperReplaced",
    "DataRowsTaken", "DoubtRaised", "DoubtSettled", "CorrectionAsked", "CorrectionAnswered", "RowsSent",
    "FirmChanged", "FirmContactSet", "FirmFigureTold", "FirmsTaken",
    "SubstanceListed", "ForecastTrained", "BookingStruck", "StockCounted", "WasteBooked", "WasteRegistered",
})  # fmt: skip

BY: dict[str, Any] = {
    "resident": _("a resident"), "officer": _("an officer"), "enterprise": _("a firm"), "anyone": _("somebody who stayed unnamed"),
    "follower": _("whoever holds the follow code"), "clock": _("the clock"), "device": _("a device"), "system": _("a program of the town"),
}  # fmt: skip
MACHINES = ("clock", "device", "system")


def kind_words(kind: str) -> Any:
    """Return what a kind of entry is called."""
    return WORDS.get(kind, kind)


def by_words(sort: str) -> Any:
    """Return what sort of actor did it."""
    return BY.get(sort, sort)
