//! What each part in a request may do (D4): one table, which pages, API and tests read. Only the owner, or a leg for
//! competence whose category allows it, speaks with the citizen; who is only informed decides nothing.
use super::model::LegKind;
use crate::kernel::names::stored_enum;

stored_enum! {
    /// Who has a part in a request.
    Holder {
        /// The unit that owns the relation with the citizen.
        Owner = "owner",
        /// A unit with a leg for competence.
        Competence = "competence",
        /// A unit with a leg for inquiry.
        Inquiry = "inquiry",
        /// A unit with a leg for knowledge.
        Knowledge = "knowledge",
    }
}

stored_enum! {
    /// What somebody with a part in a request may want to do.
    Act {
        /// Write the answer that the citizen gets.
        AnswerCitizen = "answer_citizen",
        /// Ask the citizen for more.
        AskCitizen = "ask_citizen",
        /// Learn who the citizen is.
        SeeCitizen = "see_citizen",
        /// Open the files of the request.
        SeeFiles = "see_files",
        /// Ask the front office for more.
        AskOffice = "ask_office",
        /// Give it back as not of one's competence.
        Refuse = "refuse",
        /// Close the request.
        Close = "close",
    }
}

stored_enum! {
    /// Whether an act is permitted.
    Grant {
        Yes = "yes",
        /// Where the category says so; otherwise it goes through the front office.
        IfAllowed = "if_allowed",
        No = "no",
    }
}

impl From<LegKind> for Holder {
    fn from(kind: LegKind) -> Self {
        match kind {
            LegKind::Competence => Self::Competence,
            LegKind::Inquiry => Self::Inquiry,
            LegKind::Knowledge => Self::Knowledge,
        }
    }
}

/// The table itself.
pub const fn may(holder: Holder, act: Act) -> Grant {
    use Act as A;
    use Grant as G;
    use Holder as H;
    match (holder, act) {
        (H::Owner, A::AnswerCitizen | A::AskCitizen | A::SeeCitizen | A::SeeFiles | A::Close) => G::Yes,
        // It is the front office, and has nobody to give it back to.
        (H::Owner, A::AskOffice | A::Refuse) => G::No,
        (H::Competence, A::AnswerCitizen | A::AskCitizen) => G::IfAllowed,
        (H::Competence, A::SeeCitizen | A::SeeFiles | A::AskOffice | A::Refuse) => G::Yes,
        (H::Inquiry, A::SeeFiles | A::AskOffice | A::Refuse) => G::Yes,
        (H::Inquiry, A::AnswerCitizen | A::AskCitizen | A::SeeCitizen) => G::No,
        (H::Competence | H::Inquiry, A::Close) => G::No,
        (H::Knowledge, _) => G::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_and_who_is_competent_ever_speak_with_the_citizen() {
        for &holder in Holder::ALL {
            let speaks = may(holder, Act::AnswerCitizen) != Grant::No;
            assert_eq!(speaks, matches!(holder, Holder::Owner | Holder::Competence), "{holder:?}");
            assert!(!speaks || may(holder, Act::SeeCitizen) == Grant::Yes, "{holder:?} must know whom it answers");
        }
    }

    #[test]
    fn the_request_is_closed_by_its_owner_alone_and_who_is_informed_decides_nothing() {
        for &holder in Holder::ALL {
            assert_eq!(may(holder, Act::Close) == Grant::Yes, holder == Holder::Owner, "{holder:?}");
        }
        assert!(Act::ALL.iter().all(|&act| may(Holder::Knowledge, act) == Grant::No));
    }
}
