use crate::Lang;

/// Whether the folded word is one of the language's stop words.
pub(super) fn contains(word: &str, lang: Lang) -> bool {
    let list = match lang {
        Lang::It => ITALIAN,
        Lang::En => ENGLISH,
    };
    list.binary_search(&word).is_ok()
}

/// Articles, prepositions, pronouns and auxiliary verbs, folded and sorted.
#[rustfmt::skip]
const ITALIAN: &[&str] = &[
    "a", "abbia", "abbiamo", "agli", "ai", "al", "alla", "alle", "allo", "anche", "ancora", "anzi", "avere",
    "avete", "aveva", "avevano", "avevo", "avra", "avranno", "avrebbe", "avrei", "avuto", "ce", "che", "chi", "ci",
    "cio", "coi", "col", "come", "con", "cosa", "cosi", "cui", "da", "dagli", "dai", "dal", "dalla", "dalle",
    "dallo", "degli", "dei", "del", "della", "delle", "dello", "deve", "devi", "devo", "devono", "di", "dobbiamo",
    "dove", "dovete", "dunque", "e", "ed", "egli", "ella", "era", "erano", "eravamo", "ero", "essa", "esse",
    "essere", "essi", "esso", "fa", "facciamo", "faccio", "fai", "fanno", "fare", "fate", "fatto", "fosse", "fossi",
    "fra", "fu", "fui", "gia", "gli", "gliela", "glielo", "ha", "hai", "hanno", "ho", "i", "il", "in", "io", "la",
    "le", "lei", "li", "lo", "loro", "lui", "ma", "me", "mi", "mia", "mie", "miei", "mio", "molto", "ne", "negli",
    "nei", "nel", "nella", "nelle", "nello", "no", "noi", "non", "nostra", "nostre", "nostri", "nostro", "o", "od",
    "oppure", "ovvero", "per", "perche", "pero", "piu", "poi", "poiche", "possiamo", "posso", "possono", "potete",
    "puo", "puoi", "pure", "qual", "quale", "quali", "quando", "quanta", "quante", "quanti", "quanto", "quegli",
    "quei", "quel", "quella", "quelle", "quelli", "quello", "questa", "queste", "questi", "questo", "quindi",
    "sara", "saranno", "sarebbe", "se", "sei", "sempre", "si", "sia", "siamo", "siano", "siccome", "siete", "solo",
    "sono", "sta", "stai", "stanno", "stata", "state", "stati", "stato", "stiamo", "sto", "su", "sua", "sue",
    "sugli", "sui", "sul", "sulla", "sulle", "sullo", "suo", "suoi", "te", "ti", "tra", "tu", "tua", "tue", "tuo",
    "tuoi", "un", "una", "uno", "ve", "vi", "voglio", "voi", "volevo", "vorrei", "vorremmo", "vostra", "vostre",
    "vostri", "vostro", "vuole",
];

/// Articles, prepositions, pronouns and auxiliary verbs, folded and sorted.
#[rustfmt::skip]
const ENGLISH: &[&str] = &[
    "a", "about", "also", "am", "an", "and", "any", "are", "aren", "arent", "as", "at", "be", "been", "being",
    "but", "by", "can", "could", "couldn", "couldnt", "did", "didn", "didnt", "do", "does", "doesn", "doesnt",
    "doing", "don", "done", "dont", "else", "for", "from", "had", "hadn", "hadnt", "has", "hasn", "hasnt", "have",
    "haven", "havent", "having", "he", "her", "here", "hers", "him", "his", "how", "i", "if", "im", "in", "into",
    "is", "isn", "isnt", "it", "its", "ive", "just", "may", "me", "might", "mine", "must", "my", "myself", "no",
    "nor", "not", "of", "off", "on", "onto", "or", "our", "ours", "out", "over", "shall", "she", "should",
    "shouldn", "shouldnt", "so", "some", "such", "than", "that", "thats", "the", "their", "theirs", "them", "then",
    "there", "these", "they", "theyre", "this", "those", "to", "too", "up", "us", "very", "was", "wasn", "wasnt",
    "we", "were", "weren", "werent", "what", "whats", "when", "where", "which", "who", "whom", "whose", "why",
    "will", "with", "won", "wont", "would", "wouldn", "wouldnt", "yes", "you", "your", "youre", "yours", "youve",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_folded() {
        for list in [ITALIAN, ENGLISH] {
            assert!(list.is_sorted());
            assert!(list.iter().all(|word| crate::analysis::fold(word) == *word));
        }
    }
}
