use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use super::{fold, is_stop_word, split, stem};
use crate::Lang;

/// Tokenizer name: Italian stems without stop words.
pub const ITALIAN: &str = "it";
/// Tokenizer name: English stems without stop words.
pub const ENGLISH: &str = "en";
/// Tokenizer name: folded words of any language, none left out.
pub const FOLDED: &str = "folded";

/// Registers [`ITALIAN`], [`ENGLISH`] and [`FOLDED`] so that another tantivy index can use them.
///
/// Offsets of their tokens are those of the folded text.
pub fn register(manager: &TokenizerManager) {
    manager.register(ITALIAN, Analyzer { lang: Some(Lang::It) });
    manager.register(ENGLISH, Analyzer { lang: Some(Lang::En) });
    manager.register(FOLDED, Analyzer { lang: None });
}

#[derive(Clone)]
struct Analyzer {
    lang: Option<Lang>,
}

impl Tokenizer for Analyzer {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let folded = fold(text);
        let tokens = split(&folded, self.lang)
            .enumerate()
            .filter(|(_, word)| self.lang.is_none_or(|lang| !is_stop_word(word.text, lang)))
            .map(|(position, word)| Token {
                offset_from: word.start,
                offset_to: word.end(),
                position,
                text: self.lang.map_or_else(|| word.text.to_owned(), |lang| stem(word.text, lang)),
                position_length: 1,
            })
            .collect();
        Tokens { tokens, next: 0 }
    }
}

struct Tokens {
    tokens: Vec<Token>,
    next: usize,
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, text: &str) -> Vec<String> {
        let manager = TokenizerManager::new();
        register(&manager);
        let mut analyzer = manager.get(name).unwrap();
        let mut stream = analyzer.token_stream(text);
        let mut texts = Vec::new();
        stream.process(&mut |token| texts.push(token.text.clone()));
        texts
    }

    #[test]
    fn registered_tokenizers_agree_with_the_functions() {
        let text = "L’iscrizione all'anagrafe: perché?";
        assert_eq!(run(ITALIAN, text), super::super::tokens(text, Lang::It));
        assert_eq!(run(ENGLISH, "How do I pay"), super::super::tokens("How do I pay", Lang::En));
    }

    #[test]
    fn the_folded_tokenizer_leaves_nothing_out() {
        assert_eq!(run(FOLDED, "Il Niccolò dell’ABC-12"), ["il", "niccolo", "dell", "abc", "12"]);
    }
}
