//! JSON as others write it. Of a member that an object holds twice a library keeps the last without a word; here it is refused.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// So many repeated members are named.
const MAX_REPEATED: usize = 20;

/// Reads a text, with or without a byte order mark.
///
/// # Errors
/// That it is no JSON, or every member that stands twice in its object, with its path.
pub fn parse(text: &str) -> Result<Value, Vec<String>> {
    let mut found = Found::default();
    let mut reader = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
    let value = Node(&mut found).deserialize(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value)).map_err(|error| vec![format!("not JSON: {error}")])?;
    if found.repeated.is_empty() { Ok(value) } else { Err(found.repeated) }
}

/// Where the reader is, and what it found.
#[derive(Default)]
struct Found {
    path: Vec<Step>,
    repeated: Vec<String>,
}

enum Step {
    Member(String),
    Item(usize),
}

impl Found {
    fn repeated(&mut self, key: &str) {
        if self.repeated.len() == MAX_REPEATED {
            return;
        }
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Member(name) => path += &format!("{name}."),
                Step::Item(number) => path += &format!("[{number}]."),
            }
        }
        let shown: String = path.chars().chain(key.chars()).take(120).collect();
        self.repeated.push(format!("{shown}: the member is there twice; keep one"));
    }
}

struct Node<'a>(&'a mut Found);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            self.0.path.push(Step::Item(list.len()));
            let item = items.next_element_seed(Node(self.0))?;
            self.0.path.pop();
            match item {
                Some(item) => list.push(item),
                None => return Ok(list.into()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if object.contains_key(&key) {
                self.0.repeated(&key);
            }
            self.0.path.push(Step::Member(key.clone()));
            let value = members.next_value_seed(Node(self.0))?;
            self.0.path.pop();
            object.insert(key, value);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_the_library_reads() {
        for text in [r#"{"a":[1,-2,2.5,"x",null,true,{}],"b":{"c":18446744073709551615}}"#, "[]", " 7 "] {
            assert_eq!(parse(text), Ok(serde_json::from_str(text).expect("JSON")), "{text}");
        }
        assert!(parse("{} {}").expect_err("two")[0].starts_with("not JSON: trailing characters at line 1"));
        assert!(parse(&"[".repeat(200)).expect_err("deep")[0].contains("recursion limit"));
    }

    #[test]
    fn repeated_members_are_named_with_their_path() {
        let problems = parse(r#"{"a":1,"b":[{},{"c":1,"c":1}],"a":2}"#).expect_err("two are repeated");
        assert_eq!(problems, ["b.[1].c: the member is there twice; keep one", "a: the member is there twice; keep one"]);
    }
}
