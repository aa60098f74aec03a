//! A program with its meter written in: what the language does not count calls a function that does.
//!
//! The language counts nothing within its built-in functions and methods, and nothing else within
//! an expression. So before a program runs, some of its expressions are given to functions of
//! [`builtin`](crate::builtin):
//!
//! | written | run | counts |
//! |---|---|---|
//! | `x.split(…)` | `__method(x, 12)(…)` | what the method goes through |
//! | `x[1:]`, `{k: 1}`, `f"{x}"`, `f(*x)`, `d[k]`, `a += x` | `__look((x))…` | the size of the value |
//! | `a += x`, `d[k] = x` | `…; __grown(a)` | fails when `a` is now larger than values may be |
//! | `[… for a in b]`, `lambda: …` | `… if __step(5)`, `lambda: __step(5) and (…)` | a turn, by its expressions |
//!
//! Operators follow, in the tree ([`OPERATORS`](crate::builtin::OPERATORS)), and names of built-in
//! functions stand for such that count. No line is added, and [`Metered::original`] leads from each
//! place back to the place in the program as it was written.

use crate::problem::FILE;
use starlark::codemap::{CodeMap, Span};
use starlark::syntax::{AstModule, Dialect};
use starlark_syntax::lexer::{Lexer, Token};
use starlark_syntax::syntax::ast::{
    ArgumentP, AssignTargetP, AstExpr, AstNoPayload, AstStmt, ClauseP, Expr, ForClauseP, Stmt,
};
use starlark_syntax::syntax::uniplate::Visit;

/// A program with its meter.
pub(crate) struct Metered {
    /// The text that is run.
    pub source: String,
    /// What was changed, in the order of the text.
    edits: Vec<Edit>,
    /// For each statement where it begins in the program as written, and how many expressions it
    /// has outside those that are counted by themselves; ordered.
    statements: Vec<(u32, u64)>,
}

struct Edit {
    /// Where, in the program as written.
    at: usize,
    /// How many bytes go.
    gone: usize,
    /// What comes in their place.
    text: String,
    /// Where its text begins in the program as it is run.
    lies_at: usize,
}

impl Metered {
    /// Where a byte of the program that is run stands in the program as written.
    pub fn original(&self, byte: usize) -> usize {
        let after = self.edits.partition_point(|edit| edit.lies_at <= byte);
        let Some(edit) = after.checked_sub(1).map(|last| &self.edits[last]) else {
            return byte;
        };
        let behind = edit.lies_at + edit.text.len();
        edit.at
            + if byte < behind {
                0
            } else {
                edit.gone + byte - behind
            }
    }

    /// How many expressions a statement has that begins at this byte of the program as written.
    pub fn expressions(&self, byte: usize) -> u64 {
        let at = self
            .statements
            .binary_search_by_key(&byte, |(begin, _)| *begin as usize);
        at.map_or(0, |at| self.statements[at].1)
    }
}

/// Writes the meter into a program. None when its tokens are not those its tree was made of.
pub(crate) fn metered(
    source: &str,
    ast: &AstModule,
    dialect: &Dialect,
    methods: &[String],
) -> Option<Metered> {
    let map = CodeMap::new(FILE.to_owned(), source.to_owned());
    let mut tokens = Vec::new();
    for token in Lexer::new(map.source(), dialect, map.clone()) {
        let (begin, token, end) = token.ok()?;
        let sign = match token {
            Token::Comment(_) | Token::Newline | Token::Indent | Token::Dedent => continue,
            Token::OpeningRound => Sign::Open,
            Token::ClosingRound => Sign::Close,
            Token::Dot => Sign::Dot,
            _ => Sign::Other,
        };
        tokens.push((begin, sign, end));
    }
    let mut open = Vec::new();
    let mut partners = vec![None; tokens.len()];
    for (at, (_, sign, _)) in tokens.iter().enumerate() {
        match sign {
            Sign::Open => open.push(at),
            Sign::Close => {
                let partner = open.pop()?;
                partners[at] = Some(partner);
                partners[partner] = Some(at);
            }
            Sign::Dot | Sign::Other => {}
        }
    }
    let mut meter = Meter {
        tokens,
        partners,
        methods,
        edits: Vec::new(),
        statements: Vec::new(),
        is_sound: true,
    };
    meter.statement(ast.statement());
    meter.is_sound.then(|| meter.written(source))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Open,
    Close,
    Dot,
    Other,
}

/// On which side of other edits at the same byte one stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    /// Behind an expression; of several the innermost first.
    Behind(usize),
    /// In place of a token.
    Instead,
    /// Before an expression; of several the outermost first.
    Before(usize),
}

struct Meter<'a> {
    /// All tokens that are no comment, no line's end and no indentation.
    tokens: Vec<(usize, Sign, usize)>,
    /// For each round bracket the number of the one that belongs to it.
    partners: Vec<Option<usize>>,
    methods: &'a [String],
    edits: Vec<(usize, Side, usize, String)>,
    statements: Vec<(u32, u64)>,
    /// Whether every token was where it should be.
    is_sound: bool,
}

fn begin(span: Span) -> usize {
    span.begin().get() as usize
}

fn end(span: Span) -> usize {
    span.end().get() as usize
}

impl Meter<'_> {
    fn before(&mut self, at: usize, text: impl Into<String>) {
        let side = Side::Before(self.edits.len());
        self.edits.push((at, side, 0, text.into()));
    }

    fn behind(&mut self, at: usize, text: impl Into<String>) {
        let side = Side::Behind(self.edits.len());
        self.edits.push((at, side, 0, text.into()));
    }

    fn instead(&mut self, at: usize, gone: usize, text: impl Into<String>) {
        self.edits.push((at, Side::Instead, gone, text.into()));
    }

    fn statement(&mut self, stmt: &AstStmt) {
        if !matches!(stmt.node, Stmt::Statements(_)) {
            let mut count = 0;
            stmt.visit_children(|child| {
                if let Visit::Expr(expr) = child {
                    count += expressions(expr);
                }
            });
            self.statements.push((stmt.span.begin().get(), count));
        }
        match &stmt.node {
            Stmt::AssignModify(target, _, rhs) => {
                self.target(target);
                self.looked_at(rhs);
                self.grown(target, stmt);
            }
            Stmt::Assign(assign) => {
                self.target(&assign.lhs);
                self.expression(&assign.rhs);
                if let AssignTargetP::Index(_) = &assign.lhs.node {
                    self.grown(&assign.lhs, stmt);
                }
            }
            Stmt::For(one) => {
                self.target(&one.var);
                self.expression(&one.over);
                self.statement(&one.body);
            }
            Stmt::Break
            | Stmt::Continue
            | Stmt::Pass
            | Stmt::Return(_)
            | Stmt::Expression(_)
            | Stmt::Statements(_)
            | Stmt::If(..)
            | Stmt::IfElse(..)
            | Stmt::Def(_)
            | Stmt::Load(_) => stmt.visit_children(|child| match child {
                Visit::Stmt(child) => self.statement(child),
                Visit::Expr(child) => self.expression(child),
            }),
        }
    }

    /// What is behind a statement that may have made its target longer.
    fn grown(&mut self, target: &AssignTargetP<AstNoPayload>, stmt: &AstStmt) {
        let name = match target {
            AssignTargetP::Identifier(name) => &name.node.ident,
            AssignTargetP::Index(both) => match &both.0.node {
                Expr::Identifier(name) => &name.node.ident,
                // What stands deeper is looked at when it is used.
                _ => return,
            },
            AssignTargetP::Tuple(_) | AssignTargetP::Dot(..) => return,
        };
        self.behind(end(stmt.span), format!("; __grown({name})"));
    }

    fn target(&mut self, target: &AssignTargetP<AstNoPayload>) {
        match target {
            AssignTargetP::Tuple(all) => all.iter().for_each(|one| self.target(one)),
            AssignTargetP::Index(both) => {
                self.expression(&both.0);
                self.looked_at(&both.1);
            }
            AssignTargetP::Dot(object, _) => self.expression(object),
            AssignTargetP::Identifier(_) => {}
        }
    }

    /// An expression whose size counts.
    fn looked_at(&mut self, expr: &AstExpr) {
        if matches!(expr.node, Expr::Literal(_)) {
            return;
        }
        self.around(expr, "__look((", "))");
    }

    fn expression(&mut self, expr: &AstExpr) {
        match &expr.node {
            Expr::Dot(object, name) => {
                let method = self.methods.iter().position(|one| *one == name.node);
                match method {
                    Some(method) => self.method(object, name.span, method),
                    None => self.expression(object),
                }
            }
            Expr::Call(function, arguments) => {
                self.expression(function);
                for argument in &arguments.args {
                    match &argument.node {
                        ArgumentP::Positional(one) | ArgumentP::Named(_, one) => {
                            self.expression(one);
                        }
                        ArgumentP::Args(one) | ArgumentP::KwArgs(one) => self.looked_at(one),
                    }
                }
            }
            Expr::Index(both) => {
                self.expression(&both.0);
                self.looked_at(&both.1);
            }
            Expr::Slice(object, from, to, step) => {
                self.looked_at(object);
                for one in [from, to, step].into_iter().flatten() {
                    self.expression(one);
                }
            }
            Expr::Lambda(lambda) => {
                for parameter in &lambda.params {
                    parameter.node.visit_expr(|one| self.expression(one));
                }
                let count = expressions(&lambda.body);
                self.around(&lambda.body, &format!("__step({count}) and ("), ")");
            }
            Expr::Dict(all) => {
                for (key, value) in all {
                    self.looked_at(key);
                    self.expression(value);
                }
            }
            Expr::ListComprehension(each, first, others) => {
                self.expression(each);
                self.clauses(first, others, expressions(each));
            }
            Expr::DictComprehension(each, first, others) => {
                self.looked_at(&each.0);
                self.expression(&each.1);
                let count = expressions(&each.0) + expressions(&each.1);
                self.clauses(first, others, count);
            }
            Expr::FString(text) => {
                for one in &text.expressions {
                    self.looked_at(one);
                }
            }
            Expr::Tuple(_)
            | Expr::Index2(_)
            | Expr::Identifier(_)
            | Expr::Literal(_)
            | Expr::Not(_)
            | Expr::Minus(_)
            | Expr::Plus(_)
            | Expr::BitNot(_)
            | Expr::Op(..)
            | Expr::If(_)
            | Expr::List(_) => expr.node.visit_expr(|one| self.expression(one)),
        }
    }

    /// The loops of a comprehension; each turn of each costs what can be computed in it.
    fn clauses(
        &mut self,
        first: &ForClauseP<AstNoPayload>,
        others: &[ClauseP<AstNoPayload>],
        each: u64,
    ) {
        let within: u64 = others
            .iter()
            .map(|clause| match clause {
                ClauseP::For(one) => expressions(&one.over),
                ClauseP::If(one) => expressions(one),
            })
            .sum();
        let count = each + within + 1;
        let each_loop = |meter: &mut Self, one: &ForClauseP<AstNoPayload>| {
            meter.target(&one.var);
            meter.expression(&one.over);
            let mut last = meter.range(&one.over).1;
            while meter.sign(last + 1) == Some(Sign::Close) {
                last += 1;
            }
            if let Some((.., behind)) = meter.tokens.get(last) {
                meter.behind(*behind, format!(" if __step({count})"));
            }
        };
        each_loop(self, first);
        for clause in others {
            match clause {
                ClauseP::For(one) => each_loop(self, one),
                ClauseP::If(one) => self.expression(one),
            }
        }
    }

    /// An expression with something around it.
    fn around(&mut self, expr: &AstExpr, before: &str, behind: &str) {
        let (first, last) = self.range(expr);
        let (Some((from, ..)), Some((.., to))) = (self.tokens.get(first), self.tokens.get(last))
        else {
            self.is_sound = false;
            return;
        };
        let (from, to) = (*from, *to);
        self.before(from, before);
        self.expression(expr);
        self.behind(to, behind);
    }

    /// `object.name` as a call that gives the method.
    fn method(&mut self, object: &AstExpr, name: Span, method: usize) {
        let dot = self.token_at(begin(name)).checked_sub(1);
        let Some((dot, (at, Sign::Dot, after))) = dot.map(|dot| (dot, self.tokens[dot])) else {
            self.is_sound = false;
            return;
        };
        let first = self.token_at(begin(object.span));
        let first = self.opened(first, dot.saturating_sub(1));
        self.before(self.tokens[first].0, "__method(");
        self.expression(object);
        self.instead(at, after - at, ",");
        self.instead(begin(name), end(name) - begin(name), format!(" {method})"));
    }

    /// The first and the last token of an expression. Its place leaves out brackets around its
    /// first and its last part.
    fn range(&mut self, expr: &AstExpr) -> (usize, usize) {
        let mut first = self.token_at(begin(expr.span));
        let behind = self.tokens.partition_point(|(at, ..)| *at < end(expr.span));
        let mut last = behind.saturating_sub(1);
        loop {
            let before = (first, last);
            first = self.opened(first, last);
            while self.sign(last + 1) == Some(Sign::Close)
                && self.partners[last + 1].is_some_and(|partner| partner >= first)
            {
                last += 1;
            }
            if (first, last) == before {
                return before;
            }
        }
    }

    /// The first token of what begins here, with the brackets before it that are closed within it.
    fn opened(&self, mut first: usize, last: usize) -> usize {
        while let Some(before) = first.checked_sub(1)
            && self.sign(before) == Some(Sign::Open)
            && self.partners[before].is_some_and(|partner| partner <= last)
        {
            first = before;
        }
        first
    }

    fn sign(&self, at: usize) -> Option<Sign> {
        self.tokens.get(at).map(|(_, sign, _)| *sign)
    }

    /// The number of the token that begins at a byte.
    fn token_at(&mut self, byte: usize) -> usize {
        match self.tokens.binary_search_by_key(&byte, |(at, ..)| *at) {
            Ok(at) => at,
            Err(_) => {
                self.is_sound = false;
                0
            }
        }
    }

    /// The program with all edits.
    fn written(mut self, source: &str) -> Metered {
        self.edits.sort_by_key(|(at, side, ..)| (*at, *side));
        let mut text = String::with_capacity(2 * source.len());
        let mut edits = Vec::with_capacity(self.edits.len());
        let mut copied = 0;
        for (at, _, gone, new) in self.edits {
            text.push_str(&source[copied..at]);
            copied = at + gone;
            let lies_at = text.len();
            text.push_str(&new);
            edits.push(Edit {
                at,
                gone,
                text: new,
                lies_at,
            });
        }
        text.push_str(&source[copied..]);
        self.statements.sort_unstable();
        self.statements.dedup_by_key(|(at, _)| *at);
        Metered {
            source: text,
            edits,
            statements: self.statements,
        }
    }
}

/// How many expressions are computed when this one is, outside lambdas and the turns of
/// comprehensions, which are counted as they come.
fn expressions(expr: &AstExpr) -> u64 {
    match &expr.node {
        Expr::Lambda(_) => 1,
        Expr::ListComprehension(_, first, _) | Expr::DictComprehension(_, first, _) => {
            1 + expressions(&first.over)
        }
        _ => {
            let mut count = 1;
            expr.node.visit_expr(|one| count += expressions(one));
            count
        }
    }
}
