//! Wrong calls: what a call is given is held to what it takes, and the right line is made of it.

use crate::scene::Names;
use engine::handler::reference::{Call, Is, Object, PARAMETERS, Parameter};
use starlark_syntax::syntax::ast::{ArgumentP, AstExpr, AstLiteral, AstNoPayload, Expr};

/// What a call is given.
#[derive(Debug)]
pub(crate) struct Given {
    all: Vec<Argument>,
}

#[derive(Debug)]
struct Argument {
    /// With which name; nothing where its place says which it is.
    name: Option<String>,
    /// As it is written.
    written: String,
    /// What it says, where it is a text.
    text: Option<String>,
}

impl Given {
    /// The arguments of a call, each as it is written; nothing where a list or a dict is spread over them,
    /// so that only a run says what they are.
    pub fn of<'a>(
        arguments: impl Iterator<Item = &'a ArgumentP<AstNoPayload>>,
        written: &impl Fn(&AstExpr) -> String,
    ) -> Option<Given> {
        let argument = |name: Option<&str>, value: &AstExpr| Argument {
            name: name.map(str::to_owned),
            written: written(value),
            text: match &value.node {
                Expr::Literal(AstLiteral::String(text)) => Some(text.node.clone()),
                _ => None,
            },
        };
        let all: Option<Vec<Argument>> = arguments
            .map(|one| match one {
                ArgumentP::Positional(value) => Some(argument(None, value)),
                ArgumentP::Named(name, value) => Some(argument(Some(&name.node), value)),
                ArgumentP::Args(_) | ArgumentP::KwArgs(_) => None,
            })
            .collect();
        Some(Given { all: all? })
    }

    /// What is wrong with these arguments, and the right call.
    pub fn misfit(&self, call: &Call, object: &str, names: &Names) -> Option<(String, String)> {
        let what = self.wrong(call, object)?;
        let right = self.right(call, object, names);
        Some((what, format!("write `{right}`")))
    }

    fn wrong(&self, call: &Call, object: &str) -> Option<String> {
        let parameters = call.parameters;
        let signature = call.signature(object);
        let named = || self.all.iter().filter_map(|one| one.name.as_deref());
        let unknown = named().find(|name| !parameters.iter().any(|one| one.name == *name));
        if let Some(name) = unknown {
            let method = call.method;
            return Some(format!(
                "{object}.{method} takes no `{name}`: it is {signature}"
            ));
        }
        let placed = self.all.iter().filter(|one| one.name.is_none()).count();
        let mut by_place = parameters.iter().take(placed);
        let twice = by_place.find(|one| named().any(|name| name == one.name));
        if let Some(twice) = twice {
            return Some(format!(
                "`{}` is given twice: it is {signature}",
                twice.name
            ));
        }
        let missing = parameters.iter().enumerate().find(|(at, one)| {
            one.default.is_none() && *at >= placed && !named().any(|name| name == one.name)
        });
        if let Some((_, missing)) = missing {
            // Whoever leaves out what comes first means the rest.
            let first = parameters.first().map(|one| one.is);
            let named_first = matches!(first, Some(Is::Table | Is::Topic));
            let begins_otherwise = self.all.first().is_some_and(|one| one.text.is_none());
            let lacks = match first.filter(|_| named_first && placed > 0 && begins_otherwise) {
                Some(first) => format!("{} first", first.words()),
                None => missing.is.words().to_owned(),
            };
            return Some(format!(
                "{object}.{} takes {lacks}: it is {signature}",
                call.method
            ));
        }
        (placed > parameters.len()).then(|| {
            let method = call.method;
            format!("{object}.{method} takes less than this: it is {signature}")
        })
    }

    /// The call with what was given where it belongs, and an example of what is missing.
    fn right(&self, call: &Call, object: &str, names: &Names) -> String {
        let mut rest: Vec<&Argument> = self.all.iter().collect();
        let mut take = |fits: &dyn Fn(&Argument) -> bool| {
            let at = rest.iter().position(|one| fits(one))?;
            Some(rest.remove(at).written.clone())
        };
        // What can be nothing else, before what stands somewhere.
        let mut found: Vec<Option<String>> = call
            .parameters
            .iter()
            .map(|parameter| {
                take(&|one| match (&one.name, &one.text, parameter.is) {
                    (Some(name), _, _) => name == parameter.name,
                    (None, Some(text), Is::Table) => names.table(text).is_some(),
                    (None, Some(text), Is::Topic) => names.topics.contains(text),
                    (None, None, Is::Message) => one.written == "message",
                    (None, _, _) => false,
                })
            })
            .collect();
        for (parameter, found) in call.parameters.iter().zip(&mut found) {
            let by_place = !matches!(parameter.is, Is::Table | Is::Topic | Is::Message);
            let can_be = |one: &Argument| match &one.name {
                // A name that nobody has stands for the one it is nearest to in what it means.
                Some(name) => call.parameters.iter().all(|known| known.name != name),
                None => one.written != "message" || parameter.is == Is::RowKey,
            };
            if found.is_none() && by_place {
                *found = take(&can_be);
            }
        }
        let vocabulary = names.vocabulary();
        let written = |(parameter, found): (&Parameter, Option<String>)| {
            let left_out = parameter.default.is_some_and(|default| !default.is_empty());
            match found {
                Some(found) if left_out => Some(format!("{}={found}", parameter.name)),
                Some(found) => Some(found),
                None if parameter.default.is_some() => None,
                None => Some(parameter.is.example(&vocabulary)),
            }
        };
        let arguments = call.parameters.iter().zip(found).filter_map(written);
        let arguments: Vec<String> = arguments.collect();
        format!("{object}.{}({})", call.method, arguments.join(", "))
    }
}

/// The call that is meant by a name that an object does not have: what others call it, or the nearest.
pub(crate) fn meant(object: Object, name: &str) -> Option<&'static Call> {
    let mut others = Call::of(object);
    if let Some(call) = others.find(|call| call.elsewhere.contains(&name)) {
        return Some(call);
    }
    let near = nearest(name, Call::of(object).map(|call| call.method))?;
    Call::find(object, near)
}

/// The nearest of these names, where one is near.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |known: &str| strsim::osa_distance(name, known);
    known
        .filter(|known| distance(known) <= known.chars().count().max(3) / 3)
        .min_by_key(|known| (distance(known), *known))
}

/// What to write in place of a name that nobody defines.
pub(crate) fn instead_of(name: &str, names: &Names) -> String {
    if let Some(table) = names.tables.iter().find(|table| *table == name) {
        return format!("tables are reached through db: `db.insert(\"{table}\", message.id)`");
    }
    let known = PARAMETERS.iter().copied();
    let known = known.chain(names.words.iter().map(String::as_str));
    match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "is it misspelt?".to_owned(),
    }
}

/// The language's own words for an argument that is missing, in ours: there a call has the name of the
/// function behind it, `db_has`.
pub(crate) fn missing(raw: &str) -> Option<(String, String)> {
    let rest = raw.strip_prefix("Missing parameter `")?;
    let (parameter, rest) = rest.split_once('`')?;
    let (_, rest) = rest.split_once("call to `")?;
    let (function, _) = rest.split_once('`')?;
    let call = match function.split_once('_')? {
        ("db", method) => Call::find(Object::Db, method),
        ("tx", method) => Call::find(Object::Tx, method),
        ("broker", method) => Call::find(Object::Broker, method),
        ("clock", method) => Call::find(Object::Clock, method),
        ("service", "call") => Call::of(Object::Service).next(),
        _ => None,
    }?;
    let object = call.object.name();
    Some((
        format!("{object}.{} is called without its {parameter}", call.method),
        format!("write `{}`", call.signature(object)),
    ))
}
