//! How a message came and what was noticed of it.

use super::named;

named! {
    /// The channels by which a citizen and the administration reach each other.
    ChannelKind {
        /// A call, answered or not.
        Phone = "phone",
        /// A message left on the answering machine.
        Voicemail = "voicemail",
        /// Ordinary electronic mail.
        Email = "email",
        /// Italian certified mail.
        Pec = "pec",
        /// Text message.
        Sms = "sms",
        /// Telefax.
        Fax = "fax",
        /// Paper mail.
        Letter = "letter",
        /// The public web form.
        WebForm = "web_form",
        /// A visit to a counter.
        Counter = "counter",
    }
}

named! {
    /// Why a message is taken as written by a machine: kept and shown, never answered
    /// (RFC 3834 and what real responders send).
    AutomaticReason {
        /// Carries our own loop header with our own instance id.
        OwnLoop = "own_loop",
        /// `X-Loop` of somebody else.
        ForeignLoop = "foreign_loop",
        /// The sender is one of our own addresses.
        FromOurselves = "from_ourselves",
        /// A delivery or disposition report.
        Report = "report",
        /// A receipt of certified mail (`X-Ricevuta`, RFC 6109).
        PecReceipt = "pec_receipt",
        /// The envelope sender is empty (`Return-Path: <>`).
        NullReturnPath = "null_return_path",
        /// `Auto-Submitted` present and not `no`.
        AutoSubmitted = "auto_submitted",
        /// `List-Id`, `List-Unsubscribe` or `List-Post`.
        MailingList = "mailing_list",
        /// `Precedence: bulk`, `list`, `junk` or `auto_reply`.
        Precedence = "precedence",
        /// `X-Auto-Response-Suppress` with `All`, `AutoReply` or `OOF`.
        SuppressedByExchange = "suppressed_by_exchange",
        /// `X-Autoreply` or `X-Autorespond`.
        Autoresponder = "autoresponder",
        /// The sender is a mailer daemon, a postmaster or a no-reply address.
        RobotSender = "robot_sender",
        /// None of our addresses is in To or Cc: a blind copy, or mail redirected here.
        NotAddressedToUs = "not_addressed_to_us",
    }
}

named! {
    /// What was set aside while reading a message. Nothing is lost: the whole is an attachment or in the raw bytes.
    Notice {
        /// More parts than the limit: those beyond it are only in the attached original.
        TooManyParts = "too_many_parts",
        /// The text was longer than the limit: the rest is in an attachment.
        TextCut = "text_cut",
        /// Nested messages beyond the depth limit are attached unread.
        TooDeep = "too_deep",
        /// Pictures on other machines were not kept: loading them would tell the sender.
        RemoteImagesRemoved = "remote_images_removed",
        /// The message had no id; one was made from its digest.
        MessageIdSynthesised = "message_id_synthesised",
        /// The structure of the message could not be followed: its body is shown as plain text.
        StructureBroken = "structure_broken",
        /// A `winmail.dat` could not be opened and is attached as it came.
        TnefUnreadable = "tnef_unreadable",
        /// Came to a certified mailbox as ordinary mail: it has no legal date and nobody vouches for its sender.
        NotCertified = "not_certified",
        /// Looks like certified mail, but no trusted provider's signature holds over it.
        SignatureUnverified = "signature_unverified",
        /// Certified, but nobody could say whether the certificate of its provider was revoked.
        RevocationNotChecked = "revocation_not_checked",
        /// Parts of the message never came: `[…]` stands for them.
        PartsMissing = "parts_missing",
        /// A fax whose transmission broke off: the pages that arrived are attached.
        PartlyReceived = "partly_received",
        /// The text of some page could not be read by a program; the page itself is attached.
        TextNotRead = "text_not_read",
        /// More pages than are read: those beyond are attached unread.
        PagesNotRead = "pages_not_read",
        /// A batch could not be divided: the whole is attached to each of its letters.
        BatchNotDivided = "batch_not_divided",
    }
}

named! {
    /// A text that is a single word by which people steer the messages they get, in Italian or English.
    Keyword {
        /// Send me nothing more.
        Stop = "stop",
        /// Send to me again.
        Start = "start",
        /// Tell me what this is.
        Help = "help",
    }
}
